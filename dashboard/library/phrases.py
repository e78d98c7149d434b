"""Variables of a phrase: what stands in braces is filled in at the press. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

VARIABLES = ("product", "price", "currency", "facts", "room")
_VARIABLE = re.compile(r"\{(\w+)\}")
#: Chinese keyboards write the wide ones.
_LEFT_OPEN = re.compile(r"[{｛]\s*\w+\s*[}｝]")
_SAID = {"CNY": "{price}元", "USD": "{price} dollars", "EUR": "{price} euros"}


def unknown_in(text: str) -> list[str]:
    """Names in braces that mean nothing."""
    return [name for name in dict.fromkeys(_VARIABLE.findall(text)) if name not in VARIABLES]


def unfilled_in(text: str) -> list[tuple[str, int]]:
    """What stands in braces still, braces and all, with its place counted from 0: viewers would hear it as written."""
    return [(match[0], match.start()) for match in _LEFT_OPEN.finditer(text)]


def fill(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The phrase with its variables filled in; and those that have no value, which stay as they are."""
    missing = [name for name in dict.fromkeys(_VARIABLE.findall(text)) if not values.get(name)]
    return _VARIABLE.sub(lambda match: values.get(match[1]) or match[0], text), missing


def price_said(price: Decimal | None, currency: str) -> str:
    """A price as a host says it: 199元, 19.90 dollars."""
    if price is None:
        return ""
    number = f"{price:.2f}"
    number = number.removesuffix(".00")
    return _SAID.get(currency, "{price} {currency}").format(price=number, currency=currency)
