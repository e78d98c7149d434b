"""What a value may be, by tag and attribute."""

from __future__ import annotations

from dashboard.lib.ssml.tags import (
    EMOTIONS,
    FASTEST,
    LONGEST_BREAK_MS,
    READINGS,
    SHORTEST_BREAK_MS,
    SLOWEST,
    STRENGTHS_MS,
    Tag,
    break_ms,
)

Wrong = tuple[str, dict[str, object]]

_ONE_OF: dict[tuple[Tag, str], tuple[str, ...]] = {
    (Tag.BREAK, "strength"): tuple(STRENGTHS_MS),
    (Tag.SAY_AS, "interpret-as"): READINGS,
    (Tag.EMOTION, "type"): EMOTIONS,
}


def value_fault(tag: Tag, name: str, value: str) -> Wrong | None:
    """A code of faults.WORDS and its values, or None where the value is as documented."""
    if (choices := _ONE_OF.get((tag, name))) is not None:
        return None if value in choices else ("one_of", {"attribute": name, "values": ", ".join(choices)})
    if (tag, name) == (Tag.BREAK, "time"):
        time = break_ms(value)
        return None if time is not None and SHORTEST_BREAK_MS <= time <= LONGEST_BREAK_MS else ("break_time", {})
    if (tag, name) == (Tag.PROSODY, "rate"):
        is_whole = value.isascii() and value.isdigit() and len(value) <= 3
        return None if is_whole and SLOWEST <= int(value) <= FASTEST else ("rate", {})
    return None
