"""What is found in words before they are sent: the composer shows it while somebody types, a press is judged by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from dashboard.library.lint import banned_in, prices_in
from dashboard.library.models import Product
from dashboard.library.phrases import price_said, unfilled_in
from dashboard.library.selectors import banned_words_of
from dashboard.rooms.models import Room


class Level(StrEnum):
    #: Not sent.
    REFUSE = "refuse"
    #: Sent, and marked; a room's policy may ask for a second person.
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """`at`: where in the text it stands, counted from 1; None where it is of the whole."""

    level: Level
    rule: str
    text: str
    at: int | None = None


def findings(room: Room, text: str) -> list[Finding]:
    """Of the library's rules: what of `text` must not or should not be said in this room."""
    return [*unfilled(text), *banned(text, banned_words_of(room.team_id)), *prices(text, room.product)]


def unfilled(text: str) -> list[Finding]:
    """Variables without their words."""
    sentence = _("“%(name)s” at character %(at)d is to be filled in: write what the host should say. Nothing was sent.")
    return [
        Finding(Level.REFUSE, "unfilled", sentence % {"name": name, "at": start + 1}, start + 1)
        for name, start in unfilled_in(text)
    ]


def banned(text: str, words: Iterable[tuple[str, str]]) -> list[Finding]:
    found = []
    for one in banned_in(text, words):
        written = text[one.start : one.end]
        sentence = _("“%(word)s” at character %(at)d is a banned word. Nothing was sent.")
        if one.why:
            sentence = _("“%(word)s” at character %(at)d is a banned word: %(why)s. Nothing was sent.")
        values = {"word": written, "at": one.start + 1, "why": one.why.rstrip(".。")}
        found.append(Finding(Level.REFUSE, "banned", sentence % values, one.start + 1))
    return found


def prices(text: str, product: Product | None) -> list[Finding]:
    """Prices unlike that of the product on air."""
    if product is None or product.price is None:
        return []
    unlike: list[Decimal] = [price for price in dict.fromkeys(prices_in(text)) if price != product.price]
    sentence = _("The price differs: %(product)s costs %(fact)s, these words say %(said)s.")
    return [
        Finding(
            Level.WARN,
            "price",
            sentence
            % {
                "product": product.name,
                "fact": price_said(product.price, product.currency),
                "said": price_said(price, product.currency),
            },
        )
        for price in unlike
    ]


def kept(found: Iterable[Finding]) -> list[dict[str, object]]:
    """As an item keeps what was found in it: in `params["lint"]`."""
    return [{"level": str(one.level), "rule": one.rule, "text": one.text, "at": one.at} for one in found]
