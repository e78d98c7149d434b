"""What somebody or something wants heard, before anything of it is written: one shape for every path in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.states import Mode, Source
from dashboard.vendors.models import Rank

#: What an item's `params` learn on their way; no part of the wish.
_LEARNT = ("removed", "lint")

_RANKS = {
    Source.QUICK_REPLY: Rank.QUICK_REPLY,
    Source.RULE: Rank.RULE,
    Source.SCRIPT: Rank.SCRIPT,
    Source.FILLER: Rank.SCRIPT,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """`text` is what viewers hear or, for a clip or scene, what the queue shows of it; `params` is its kind's own.

    `label` stands for who asks where it is not the person behind it; `cause_event_id` is the comment it answers.
    """

    text: str
    mode: Mode = Mode.APPEND
    kind: Kind = Kind.TEXT
    params: Mapping[str, object] = field(default_factory=dict)
    source: Source = Source.PERSON
    reason: str = ""
    cause_event_id: int | None = None
    again_of: Takeover | None = None
    label: str = ""
    #: Not worth hearing after this: what still waits then is taken back.
    useful_until: datetime | None = None
    #: What the lint marked in it, as the item keeps it; no part of what a key stands for.
    found: tuple[Mapping[str, object], ...] = ()

    @property
    def rank(self) -> Rank:
        if self.kind == Kind.VOICE:
            return Rank.MICROPHONE
        if self.source in _RANKS:
            return _RANKS[self.source]
        return Rank.PERSON_NOW if self.mode == Mode.NOW else Rank.PERSON

    @property
    def is_by_hand(self) -> bool:
        """A person pressed it just now: it has an undo window, and may need a second person."""
        return self.source in (Source.PERSON, Source.QUICK_REPLY) and not self.label

    @property
    def can_be_undone(self) -> bool:
        """What cuts at once or may be heard twice took a second press instead; a voice is on air as it is made."""
        return self.is_by_hand and self.mode != Mode.NOW and self.again_of is None and self.kind != Kind.VOICE

    @property
    def can_be_approved(self) -> bool:
        """Nobody can read beforehand what somebody will speak: a microphone is guarded by the floor instead."""
        return self.is_by_hand and self.kind != Kind.VOICE

    @property
    def digest(self) -> str:
        """What a key stands for, and what an approval is pinned to: the same key with another digest is no repeat."""
        if self.kind == Kind.TEXT and not self.params:
            return hashlib.sha256(f"{self.mode}\n{self.text}".encode()).hexdigest()
        rest = json.dumps(dict(self.params), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(f"{self.mode}\n{self.kind}\n{rest}\n{self.text}".encode()).hexdigest()


def wish_of(item: Takeover) -> Wish:
    """The same once more: an item of unknown outcome that a person sends again."""
    return Wish(
        text=item.text,
        mode=Mode(item.mode),
        kind=Kind(item.kind),
        params={name: value for name, value in item.params.items() if name not in _LEARNT},
        cause_event_id=item.cause_event_id,
        again_of=item,
    )
