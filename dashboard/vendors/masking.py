"""What a vendor sent, fit to be kept: as it came, short, and without its secrets. Pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from dashboard.lib import shapes

LONGEST = 2000
MASK = "***"
# Both vendors': keys of streams, callbacks and reports, tokens, signatures, and addresses that hold one of them.
SECRET = re.compile(r"key|token|secret|signature|password|authorization|output_url|report_url|rtmp", re.IGNORECASE)
# For what is no JSON: from a name that sounds secret to the end of what may be its value.
_LOOSE = re.compile(rf'((?:{SECRET.pattern})[\w"\'\\]*\s*[:=]\s*["\'\\]*)[^\s,}}&]+', re.IGNORECASE)


def masked(raw: str | bytes) -> str:
    """JSON is masked by its keys, also inside of strings that hold JSON; anything else by what looks like them."""
    head = raw[: LONGEST * 4]
    try:
        # All of it: a part would be no JSON any more.
        text = _dump(_walk(msgspec.json.decode(raw)))
    except shapes.UNREADABLE:
        loose = head if isinstance(head, str) else head.decode("utf-8", "replace")
        text = _LOOSE.sub(rf"\1{MASK}", loose)
    return text[:LONGEST]


def _dump(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: MASK if SECRET.search(str(key)) else _walk(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner) for inner in value]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return masked_text(value)
    return value


def masked_text(text: str) -> str:
    """A string that may hold JSON: the vendors put JSON inside JSON."""
    try:
        return _dump(_walk(msgspec.json.decode(text)))
    except (msgspec.MsgspecError, UnicodeError):
        return _LOOSE.sub(rf"\1{MASK}", text)
