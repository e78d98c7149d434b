"""Everything that the screens tell about rooms, read in a bounded number of queries for one room or a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q

from dashboard.events.selectors import sequences
from dashboard.jobs.air import Air, AirState, air
from dashboard.jobs.models import Job, JobScriptItem
from dashboard.jobs.selectors import latest_jobs
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.selectors import playing_by_job, unknown_counts, waiting_by_job
from dashboard.takeover.states import Source
from dashboard.vendors.models import Relay

#: A listing is due every 5 s and takes a moment: its facts are called ageing from 7 s on (ux.md 2.4, polled facts).
POLLED_LIMITS = "7,15,60"
#: An ended job explains the room this long; afterwards the room is simply off.
RECENT_END_S = 3600


@dataclass(frozen=True, slots=True)
class RoomFacts:
    room: Room
    seq: int
    now: datetime
    job: Job | None = None
    air: Air = field(default_factory=lambda: Air(AirState.OFF))
    playing: Takeover | None = None
    waiting: tuple[Takeover, ...] = ()
    unknown: int = 0
    paragraph: JobScriptItem | None = None
    following: JobScriptItem | None = None

    @property
    def person_speaks(self) -> bool:
        return self.playing is not None and self.playing.source != Source.SCRIPT

    @property
    def evidence_at(self) -> datetime | None:
        """When the room's air state was last confirmed by whoever says it."""
        job = self.job
        if job is None:
            return None
        if not job.is_open or not job.vendor_ref:
            return job.state_at
        return max(filter(None, [job.state_at, self.room.account.poll_ok_at]))

    @property
    def evidence_from(self) -> str:
        """Which tick entry keeps `evidence_at` young; "" where nothing does."""
        job = self.job
        return f"account:{job.account_id}" if job is not None and job.is_open and job.vendor_ref else ""


def load(rooms: Sequence[Room]) -> list[RoomFacts]:
    """Facts of `rooms` (with their accounts), in their order. The sequences are read first."""
    now = clock.now()
    numbers = sequences(room.topic for room in rooms)
    jobs = {
        room_id: job
        for room_id, job in latest_jobs([room.pk for room in rooms]).items()
        if job.is_open or _is_recent(job, now)
    }
    open_ids = [job.pk for job in jobs.values() if job.is_open]
    playing, waiting = playing_by_job(open_ids), waiting_by_job(open_ids)
    unknown, paragraphs = unknown_counts(open_ids), _paragraphs(open_ids)
    return [
        _facts(room, numbers[room.topic], now, jobs.get(room.pk), playing, waiting, unknown, paragraphs)
        for room in rooms
    ]


def _is_recent(job: Job, now: datetime) -> bool:
    return job.ended_at is None or (now - job.ended_at).total_seconds() < RECENT_END_S


def _facts(
    room: Room,
    seq: int,
    now: datetime,
    job: Job | None,
    playing: dict[int, Takeover],
    waiting: dict[int, list[Takeover]],
    unknown: dict[int, int],
    paragraphs: dict[tuple[int, int], JobScriptItem],
) -> RoomFacts:
    if job is None:
        return RoomFacts(room, seq, now)
    speaking = playing.get(job.pk)
    state = air(
        job.state,
        person_speaks=speaking is not None and speaking.source != Source.SCRIPT,
        stream_link=job.stream_link,
    )
    return RoomFacts(
        room=room,
        seq=seq,
        now=now,
        job=job,
        air=state,
        playing=speaking,
        waiting=tuple(waiting.get(job.pk, ())),
        unknown=unknown.get(job.pk, 0),
        paragraph=paragraphs.get((job.pk, job.script_no or 0)),
        following=paragraphs.get((job.pk, (job.script_no or 0) + 1)),
    )


def _paragraphs(job_ids: list[int]) -> dict[tuple[int, int], JobScriptItem]:
    """The paragraph that each vendor says it plays, and the one behind it, by job and number."""
    now_or_next = Q(no=F("job__script_no")) | Q(no=F("job__script_no") + 1)
    rows = JobScriptItem.objects.filter(now_or_next, job_id__in=job_ids)
    return {(row.job_id, row.no): row for row in rows}


def relay_is_missing() -> bool:
    """No relay shows life: nothing is sent to any vendor, and nothing is heard from one."""
    return not Relay.objects.filter(alive_until__gte=clock.now(), leaving=False).exists()


def is_broken(job: Job) -> bool:
    return JobState(job.state) in (JobState.FAILED, JobState.BLOCKED, JobState.LOST)
