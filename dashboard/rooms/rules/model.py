"""Interaction rules and what is decided by them, typed (002:5990-6060). Pure: no clock, no chance, no I/O.

Names and numbers are those of the contract's tables LiveRoomInteractionRuleInfo, HitCondition, HitConditionTag and
TriggerProcess; `stored.py` turns them from and into JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

DEFAULT_PRIORITY = 500
APPEND = "APPEND"
EVERY_TIME, WHOLE_LIVE = 0, -1


class EventType(IntEnum):
    """MetaStudio's numbering of live events (002:10034). Rules know 1 to 4 and 10 only (002:6000, A34)."""

    COMMENT = 1
    JOIN = 2
    LIKE = 3
    GIFT = 4
    FOLLOW = 5
    VIEWERS = 6
    PRESET = 10


#: What a rule can wait for; nobody can report preset wording, and follows and viewers fire no rule (A34).
RULED = (EventType.COMMENT, EventType.JOIN, EventType.LIKE, EventType.GIFT)


class Relation(StrEnum):
    ALL = "AND"
    ANY = "OR"
    #: A general reply: looks at no condition, and only answers where no other rule does (A39).
    GENERAL = "RESERVED"


class Operation(StrEnum):
    """What is compared: the event's own value, or one made of all values inside the rule's window (A40)."""

    NONE = "NONE"
    SUM = "SUM"
    AVG = "AVG"
    COUNT = "COUNT"


class Match(StrEnum):
    EQUAL = "EQUAL"
    REGEX = "REGEX"
    GT = "MATH_GT"
    GE = "MATH_GE"
    LT = "MATH_LT"
    LE = "MATH_LE"
    EQ = "MATH_EQ"


class ReplyMode(StrEnum):
    SYSTEM = "SYSTEM_REPLY"
    CALLBACK = "CALLBACK"
    LAYER = "SHOW_LAYER"
    INTELLIGENT = "INTELLIGENT_REPLY"


class ReplyOrder(StrEnum):
    LOOP = "ORDER"
    RANDOM = "RANDOM"


_MUTE = (ReplyMode.CALLBACK, ReplyMode.LAYER)


@dataclass(frozen=True, slots=True)
class Tag:
    """One test of one field of an event's content: "content", "giftNum", also "user.name"."""

    field: str
    match: Match
    value: str
    operation: Operation = Operation.NONE


@dataclass(frozen=True, slots=True)
class Condition:
    """Of several rules that match, the one with the smallest priority number answers (0 to 999)."""

    relation: Relation = Relation.ALL
    priority: int = DEFAULT_PRIORITY
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What is said. `window_s`: after an answer the rule is quiet so long; 0 never, -1 until the livestream ends."""

    window_s: int = EVERY_TIME
    texts: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()
    order: ReplyOrder = ReplyOrder.LOOP
    mode: ReplyMode = ReplyMode.SYSTEM
    role: str = "STREAMER"
    #: Where a reply goes at the vendor; newer than the reference (A93).
    play_type: str = APPEND

    @property
    def is_audible(self) -> bool:
        """A layer is seen, not heard; what a callback answers is documented nowhere (A13)."""
        return (self.has_words or self.mode == ReplyMode.INTELLIGENT) and self.mode not in _MUTE

    @property
    def has_words(self) -> bool:
        """Without any, the vendor's own bot finds what an intelligent reply says."""
        return bool(self.texts or self.audios)


@dataclass(frozen=True, slots=True)
class Rule:
    """`index` names the rule for as long as it lives, wherever in the list it stands."""

    index: str
    event_type: int
    condition: Condition
    trigger: Trigger
    name: str = ""
    enabled: bool = True
    #: Names of the scenes in which it counts; empty: in all.
    scenes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One reported event. `at_s`: seconds on any one scale; `content`: as reported, JSON or plain text (002:10097)."""

    type: int
    at_s: float
    content: str = ""
    scene: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, a recording, or neither: then the vendor's bot finds the words."""

    text: str = ""
    audio_url: str = ""
    role: str = "STREAMER"
    play_type: str = APPEND


class Why(StrEnum):
    """What became of one rule at one event."""

    ANSWERS = "answers"
    SUPPRESSED = "suppressed"
    LOST = "lost"
    UNMATCHED = "unmatched"
    OFF = "off"
    OTHER_EVENT = "other_event"
    OTHER_SCENE = "other_scene"


@dataclass(frozen=True, slots=True)
class Look:
    """One condition at one event. `found` is the value compared, as text; None where the event has no such field."""

    tag: Tag
    found: str | None
    holds: bool
    #: The pattern is none: it never holds, whatever the event.
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why one rule did or did not answer. `place` counts the rules from 0.

    `until_s`: with SUPPRESSED, when it may answer again; None for the rest of the livestream. `lost_to`: with LOST, the
    place of the rule that answered.
    """

    place: int
    why: Why
    looks: tuple[Look, ...] = ()
    until_s: float | None = None
    lost_to: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said to one event, and why. `place` of the answering rule; None where none answers.

    A rule that shows a layer or calls back answers without a reply.
    """

    event: Event
    place: int | None
    reply: Reply | None
    verdicts: tuple[Verdict, ...]
