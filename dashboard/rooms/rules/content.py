"""What an event's content says: fields by name, wherever in it they stand. Content is hostile: anything may come."""

from __future__ import annotations

import json
from collections.abc import Mapping

#: Documented content nests two objects; deeper is nobody's.
_DEEPEST = 16


def fields_of(content: str) -> Mapping[str, object]:
    """The content as an object; what is not JSON (002:10097) is the comment itself."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return {"content": content}
    return parsed if isinstance(parsed, dict) else {"content": content}


def value_at(fields: object, name: str, depth: int = 0) -> object:
    """The field `name`, in the content or anywhere below it: "giftNum", also "gift.giftNum"; None where it is not."""
    if not isinstance(fields, Mapping) or depth > _DEEPEST:
        return None
    if name in fields:
        return fields[name]
    head, dot, rest = name.partition(".")
    if dot and head in fields:
        return value_at(fields[head], rest, depth + 1)
    found = (value_at(part, name, depth + 1) for part in fields.values())
    return next((one for one in found if one is not None), None)


def number_of(value: object) -> float | None:
    if not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def text_of(value: object) -> str:
    """As it is compared and shown: 3.0 is "3"."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
