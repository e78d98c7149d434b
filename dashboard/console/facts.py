"""Everything that the screens tell about rooms, read in a bounded number of queries for one room or a hundred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from django.db.models import F, Q, prefetch_related_objects

from dashboard.events.selectors import sequences
from dashboard.jobs.air import Air, AirState, air
from dashboard.jobs.models import Job, JobScriptItem
from dashboard.jobs.selectors import latest_job, latest_jobs, two_lines
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.speaking import Speaking, speaking, speaking_in, speaking_with_ends
from dashboard.takeover.states import NOT_BY_PEOPLE, Source, TakeoverState

#: A listing is due every 5 s and takes a moment: its facts are called ageing from 7 s on (docs/screens.md).
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
    #: The paragraph of our own player that waits at the vendor behind everybody's words.
    ahead: Takeover | None = None
    #: What the desk's queue shows; with the last ends only where `load_desk` made this.
    queue: tuple[Takeover, ...] = ()
    #: The paragraph of our own player that began last; only where `load_desk` made this.
    last_play: Takeover | None = None
    paragraph: JobScriptItem | None = None
    following: JobScriptItem | None = None
    #: Questions that nobody answered, and when the oldest was asked; only where `questions.with_questions` made this.
    asked: int = 0
    asked_at: datetime | None = None

    @property
    def microphone(self) -> Takeover | None:
        """The open microphone, from its press on: a person's voice is on the air or about to be."""
        speaking = (TakeoverState.SENDING, TakeoverState.ACCEPTED, TakeoverState.QUEUED, TakeoverState.PLAYING)
        voices = (item for item in (self.playing, *self.waiting) if item is not None and item.kind == Kind.VOICE)
        return next((item for item in voices if item.state in speaking), None)

    @property
    def person_speaks(self) -> bool:
        return self.playing is not None and self.playing.source not in NOT_BY_PEOPLE

    @property
    def speaks_into_pause(self) -> bool:
        """A sentence that began after the room fell silent: MetaStudio says it although it is paused."""
        return self.job is not None and began_in_pause(self.job, self.playing)

    @property
    def evidence_at(self) -> datetime | None:
        """When the room's air state was last confirmed by whoever says it."""
        job = self.job
        if job is None:
            return None
        if not job.is_open or not job.vendor_ref:
            return job.state_at
        if job.missing_since is not None:
            return job.missing_since  # it is listed no more: a good listing says nothing for it
        return max(filter(None, [job.state_at, self.room.account.poll_ok_at]))

    @property
    def evidence_from(self) -> str:
        """Which tick entry keeps `evidence_at` young; "" where nothing does."""
        job = self.job
        is_listed = job is not None and job.is_open and bool(job.vendor_ref) and job.missing_since is None
        return f"account:{job.account_id}" if job is not None and is_listed else ""


def began_in_pause(job: Job, playing: Takeover | None) -> bool:
    """Where words have ended our silence and the vendor is still paused, its own time tells them from what it cut."""
    paused_at = job.silenced_at or job.script_paused_at
    if paused_at is None and JobState(job.state) == JobState.PAUSED:
        paused_at = job.state_at
    if playing is None or playing.started_at is None or paused_at is None:
        return False
    return playing.started_at > paused_at


def load(rooms: Sequence[Room], numbers: Mapping[int, int] | None = None) -> list[RoomFacts]:
    """Facts of `rooms` (with their accounts), in their order, in three queries.

    `numbers` of their topics, by room, were read before; where they were not, that is one query more.
    """
    now = clock.now()
    if numbers is None:
        found = sequences(room.topic for room in rooms)
        numbers = {room.pk: found[room.topic] for room in rooms}
    jobs = {room_id: job for room_id, job in latest_jobs(rooms, "floor").items() if job.is_open or _is_recent(job, now)}
    open_ids = [job.pk for job in jobs.values() if job.is_open]
    said = speaking(open_ids)
    paragraphs = _paragraphs(open_ids, said)
    by_room = {room_id: said.get(job.pk) for room_id, job in jobs.items()}
    return [_facts(room, numbers[room.pk], now, jobs.get(room.pk), by_room.get(room.pk), paragraphs) for room in rooms]


def load_one(room: Room, seq: int) -> RoomFacts:
    """Facts of one room (with its account) as `load` has them, with their SQL made before; `seq` was read before."""
    now = clock.now()
    job = _shown_job(room, now)
    if job is None or not job.is_open:
        return _facts(room, seq, now, job)
    says = speaking_in(job.pk)
    position, joined = job.script_no or 0, _behind_joined(says)
    lines = two_lines(job, position, joined or position + 1) if position or joined else []
    return _facts(room, seq, now, job, says, {(job.pk, line.no): line for line in lines})


def load_desk(room: Room, seq: int) -> RoomFacts:
    """Facts of one room with all that its desk shows; `seq` was read before."""
    now = clock.now()
    job = _shown_job(room, now)
    if job is None:
        return RoomFacts(room, seq, now)
    says = speaking_with_ends(job.pk)
    prefetch_related_objects([job], "script")
    if not job.is_open:  # nobody speaks any more; what stayed unknown is still in the queue
        return _facts(room, seq, now, job, Speaking(queue=says.queue))
    return _facts(room, seq, now, job, says, {(job.pk, item.no): item for item in job.script.all()})


def load_figures(room: Room, seq: int) -> RoomFacts:
    """The room and its job alone; `seq` was read before."""
    now = clock.now()
    return RoomFacts(room, seq, now, _shown_job(room, now))


def _shown_job(room: Room, now: datetime) -> Job | None:
    job = latest_job(room)
    return job if job is not None and (job.is_open or _is_recent(job, now)) else None


def _is_recent(job: Job, now: datetime) -> bool:
    return job.ended_at is None or (now - job.ended_at).total_seconds() < RECENT_END_S


def _facts(
    room: Room,
    seq: int,
    now: datetime,
    job: Job | None,
    says: Speaking | None = None,
    paragraphs: Mapping[tuple[int, int], JobScriptItem] = MappingProxyType({}),
) -> RoomFacts:
    if job is None:
        return RoomFacts(room, seq, now)
    says = says or Speaking()
    for item in {*says.queue, *says.waiting, *filter(None, [says.playing])}:
        item.room = room  # known already: no join, no query for each item
        if item.cut_by is not None:
            item.cut_by.room = room
    position = job.script_no or 0
    behind = _behind_joined(says) or position + 1
    state = air(
        job.state,
        person_speaks=says.playing is not None and says.playing.source not in NOT_BY_PEOPLE,
        into_pause=began_in_pause(job, says.playing),
        stream_link=job.stream_link,
        is_missing=job.missing_since is not None,
    )
    return RoomFacts(
        room=room,
        seq=seq,
        now=now,
        job=job,
        air=state,
        playing=says.playing,
        waiting=says.waiting,
        unknown=says.unknown,
        ahead=says.ahead,
        queue=says.queue,
        last_play=says.last_play,
        paragraph=paragraphs.get((job.pk, position)),
        following=paragraphs.get((job.pk, behind)),
    )


def _behind_joined(says: Speaking) -> int:
    """Short paragraphs are spoken as one: the number behind the last of them; 0 where one alone or none plays."""
    playing = says.playing
    if playing is None or playing.source != Source.SCRIPT or playing.first_no == playing.last_no:
        return 0
    return (playing.last_no or 0) + 1


def _paragraphs(job_ids: list[int], said: dict[int, Speaking]) -> dict[tuple[int, int], JobScriptItem]:
    """The paragraph that each vendor says it plays, and the one behind it, by job and number."""
    joined = {job_id: behind for job_id, says in said.items() if (behind := _behind_joined(says))}
    now_or_next = Q(no=F("job__script_no")) | Q(no=F("job__script_no") + 1)
    behind_joined = Q(job_id__in=list(joined), no__in=set(joined.values()))
    rows = JobScriptItem.objects.filter(now_or_next | behind_joined, job_id__in=job_ids)
    return {(row.job_id, row.no): row for row in rows}


def is_broken(job: Job) -> bool:
    return JobState(job.state) in (JobState.FAILED, JobState.BLOCKED, JobState.LOST)
