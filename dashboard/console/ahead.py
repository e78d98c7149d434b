"""What the next words in a room have before them, for the composer and for the times of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard.console.facts import RoomFacts
from dashboard.takeover.measured import measured
from dashboard.takeover.outlook import outlook_of, stands_still, starts_of
from dashboard.takeover.speaking import Speaking


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the composer reckons with while somebody types: times in ms since 1970, steps in ms, speeds in times."""

    id: int
    seq: int
    topic: str
    is_open: bool
    doors: str
    must_be_ready: bool
    insert_from: str
    append_from: str
    sent_ms: int
    now_ms: int
    idle_ms: int
    gap_ms: int
    han: str
    words: str
    measured: int
    #: On air, for the list in the dock.
    product: str


def ahead_of(facts: RoomFacts) -> Ahead:
    job, room = facts.job, facts.room
    known, ahead = measured(room), None
    if job is not None and job.can_speak and not stands_still(job):
        ahead = outlook_of(job, _says(facts), list(job.script.all()), known, facts.now)
    return Ahead(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        is_open=ahead is not None,
        doors=_times(ahead.doors.at) if ahead is not None else "",
        must_be_ready=ahead is not None and ahead.doors.must_be_ready,
        insert_from=_times([ahead.insert_from]) if ahead is not None else "",
        append_from=_times([ahead.append_from]) if ahead is not None else "",
        sent_ms=known.steps.sent_ms,
        now_ms=known.steps.now_ms,
        idle_ms=known.steps.idle_ms,
        gap_ms=known.steps.gap_ms,
        han=f"{known.pace.han:.3f}",
        words=f"{known.pace.words:.3f}",
        measured=known.count,
        product=str(room.product_id or ""),
    )


def _times(moments: Iterable[datetime | None]) -> str:
    return ",".join(f"{moment.timestamp() * 1000:.0f}" for moment in moments if moment is not None)


def starts(facts: RoomFacts) -> dict[int, datetime]:
    """By item, when each that waits will be heard."""
    job = facts.job
    if job is None:
        return {}
    known = measured(facts.room)
    return starts_of(job, _says(facts), list(job.script.all()), known, facts.now)


def _says(facts: RoomFacts) -> Speaking:
    ends = [item.finished_at for item in facts.queue if item.finished_at is not None]
    return Speaking(playing=facts.playing, waiting=facts.waiting, ahead=facts.ahead, ended_at=max(ends, default=None))
