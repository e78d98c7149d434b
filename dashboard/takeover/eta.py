"""When words will be heard: what plays now lets them in at certain moments, what waits goes first. Pure.

`static/js/outlook.js` reckons the same in the browser while somebody types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dashboard.takeover.states import Mode, TakeoverState

#: Before anybody measured it in this room: from the press to the first sound, and from one sound's end to the next.
FIRST_MS = 900
SENT_MS = 150
GAP_MS = 0
#: Of these nobody can promise that they will be heard; see `is_coming`.
_NOT_COMING = frozenset({TakeoverState.UNKNOWN, TakeoverState.CANCELLING, TakeoverState.AWAITING_APPROVAL})


class Waiting(Protocol):
    """What the reckoning needs to know of an item; a Takeover has it."""

    pk: int
    mode: str
    state: str
    estimate_ms: int
    requested_at: datetime
    held_until: datetime | None
    hold_over_at: datetime | None
    approved_at: datetime | None
    started_at: datetime | None

    @property
    def is_asked_first(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Steps:
    """Milliseconds, as measured in the room: from the press to the vendor's word that it has it, to the first sound of
    *now*, to the first sound where nothing plays; and from one end to the next start."""

    sent_ms: int = SENT_MS
    now_ms: int = FIRST_MS
    idle_ms: int = FIRST_MS
    gap_ms: int = GAP_MS


ASSUMED = Steps()


@dataclass(frozen=True, slots=True)
class Doors:
    """At which moments what plays now lets other words in, in their order; none: nothing plays.

    `must_be_ready`: words whose sound is not there yet miss the door (MetaStudio inserts at the end of a sentence).
    Else they miss it only where the vendor has not got them yet, and hold it open until they sound (SoftSugar's queue).
    """

    at: tuple[datetime, ...] = ()
    must_be_ready: bool = False

    def first(self, let_go: datetime, steps: Steps) -> datetime:
        """When words that left us at `let_go` are heard."""
        ready, gap = let_go + _ms(steps.idle_ms), _ms(steps.gap_ms)
        there = ready if self.must_be_ready else let_go + _ms(steps.sent_ms)
        door = next((door for door in self.at if door >= there), max(self.at, default=None))
        return ready if door is None else max(door + gap, ready)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What words that are said now have before them. `insert_from`, `append_from`: the end of what plays and waits
    before them; None: the first door."""

    doors: Doors
    insert_from: datetime | None
    append_from: datetime | None
    steps: Steps

    def heard_at(self, mode: Mode, let_go_at: datetime) -> datetime:
        """When words that leave us at `let_go_at` are heard."""
        if mode == Mode.NOW:
            return let_go_at + _ms(self.steps.now_ms)
        ready = let_go_at + _ms(self.steps.idle_ms)
        behind = self.append_from if mode == Mode.APPEND else self.insert_from
        if behind is not None:
            return max(behind + _ms(self.steps.gap_ms), ready)
        return self.doors.first(let_go_at, self.steps)


def expected_starts(
    playing: Waiting | None,
    waiting: Sequence[Waiting],
    now: datetime,
    *,
    doors: Doors | None = None,
    steps: Steps = ASSUMED,
) -> dict[int, datetime]:
    """By item, when each of `waiting` (in the order of hearing) will be heard; who can't be promised it is left out.

    Without `doors` what plays is heard to its end.
    """
    doors = doors_of(playing, now) if doors is None else doors
    gap, starts = _ms(steps.gap_ms), {}
    free: datetime | None = None
    for item in waiting:
        if not is_coming(item) or item.started_at is not None:
            continue
        let_go = max(now, let_go_at(item)) if item.state == TakeoverState.HELD else let_go_at(item)
        if item.mode == Mode.NOW:
            start = let_go + _ms(steps.now_ms)
        else:
            ready = let_go + _ms(steps.idle_ms)
            start = doors.first(let_go, steps) if free is None else max(free + gap, ready)
        starts[item.pk] = max(start, now)
        free = starts[item.pk] + _ms(item.estimate_ms)
    return starts


def outlook(
    playing: Waiting | None,
    waiting: Sequence[Waiting],
    now: datetime,
    *,
    doors: Doors | None = None,
    steps: Steps = ASSUMED,
    before_insert: Iterable[int] = (),
) -> Outlook:
    """What words that are said now have before them; `before_insert`: which items *After sentence* can't overtake."""
    doors = doors_of(playing, now) if doors is None else doors
    starts = expected_starts(playing, waiting, now, doors=doors, steps=steps)
    ends = {item.pk: starts[item.pk] + _ms(item.estimate_ms) for item in waiting if item.pk in starts}
    fixed = set(before_insert)
    return Outlook(
        doors=doors,
        insert_from=max((end for pk, end in ends.items() if pk in fixed), default=None),
        append_from=max(ends.values(), default=None),
        steps=steps,
    )


def doors_of(playing: Waiting | None, now: datetime) -> Doors:
    """One door: the end of what plays."""
    if playing is None or playing.started_at is None:
        return Doors()
    return Doors((max(now, playing.started_at + _ms(playing.estimate_ms)),))


def is_coming(item: Waiting) -> bool:
    """Whether it will be heard as far as anybody knows; what a second person has yet to approve is held first."""
    return item.state not in _NOT_COMING and not item.is_asked_first


def let_go_at(item: Waiting) -> datetime:
    """When an item left, or leaves, the hands of people: after its undo window and its approval."""
    held = item.hold_over_at or item.held_until
    return max(filter(None, (item.requested_at, held, item.approved_at)))


def _ms(milliseconds: float) -> timedelta:
    return timedelta(milliseconds=milliseconds)
