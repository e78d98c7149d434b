"""The tags and their limits, as data. Lines of the reference in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

#: 002:14027
LONGEST = 131_072
#: How the root is spelt in 10.5 and 10.7 (A24); the first one is what we write.
ROOTS = ("speak", "speake", "speack")
#: 002:14185, 14182 (A25)
SHORTEST_BREAK_MS, LONGEST_BREAK_MS = 200, 10_000
BREAK_TIME = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s)", re.ASCII)
#: 002:14193; how long each is to us, for estimates only: nothing is printed.
STRENGTHS_MS = {"none": 0, "x-weak": 100, "weak": 200, "medium": 400, "strong": 700, "x-strong": 1200}
#: 002:14027
EMOTIONS = ("HAPPY", "SAD", "CALM", "ANGER")
#: 002:14250
READINGS = ("money", "date", "figure", "phone", "english", "spell")
#: 002:14293, in percent of the usual speed
SLOWEST, FASTEST = 50, 200


class Tag(StrEnum):
    BREAK = "break"
    PHONEME = "phoneme"
    SAY_AS = "say-as"
    SUB = "sub"
    PROSODY = "prosody"
    EMOTION = "emotion"
    INSERT_ACTION = "insert-action"


class Holds(StrEnum):
    """What may stand between a tag's beginning and its end."""

    NOTHING = "nothing"
    TEXT = "text"
    SENTENCES = "sentences"  # text and every tag but its own kind


@dataclass(frozen=True, slots=True)
class Rule:
    holds: Holds
    #: In the order in which they are written; True where the tag means nothing without it.
    attributes: dict[str, bool]


RULES: dict[Tag, Rule] = {
    Tag.BREAK: Rule(Holds.NOTHING, {"time": False, "strength": False}),
    Tag.PHONEME: Rule(Holds.TEXT, {"ph": True}),
    Tag.SAY_AS: Rule(Holds.TEXT, {"interpret-as": True}),
    Tag.SUB: Rule(Holds.TEXT, {"alias": True}),
    Tag.PROSODY: Rule(Holds.TEXT, {"rate": True}),
    Tag.EMOTION: Rule(Holds.SENTENCES, {"type": True}),
    Tag.INSERT_ACTION: Rule(Holds.NOTHING, {"id": True, "name": False, "tag": False}),
}


def break_ms(time: str) -> float | None:
    """Milliseconds of a break's `time`; None where it is no time at all."""
    match = BREAK_TIME.fullmatch(time.strip())
    return None if match is None else float(match[1]) * (1000 if match[2] == "s" else 1)
