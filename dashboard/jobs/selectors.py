"""Reads of jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Case, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from dashboard.accounts.models import Team
from dashboard.events.models import Event
from dashboard.jobs.models import IS_OPEN, Job, JobScriptItem
from dashboard.jobs.states import CAN_SPEAK, END_STATES, JobState
from dashboard.lib.prepared import PreparedObjects
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import SECRETS as ROOM_SECRETS
from dashboard.vendors.port import PlannedItem, RoomPlan, StartPlan
from dashboard.vendors.selectors import SECRETS as OF_ACCOUNT


def open_job(room: Room) -> Job | None:
    return next(iter(Job.objects.filter(IS_OPEN, room=room).select_related("account", "room", "started_by")), None)


#: More are not offered by name; any code may be typed.
MOST_OFFERED = 200


def job_of(event: Event) -> Job | None:
    """The job that `event` is about, with its account and room."""
    if event.job_id is None:
        return None
    return next(iter(Job.objects.select_related("account", "room").filter(pk=event.job_id)), None)


def rooms_that_may_adopt(account_ids: Iterable[int], held: Iterable[str]) -> tuple[list[Room], list[Room]]:
    """Rooms of these accounts without a running job, or with one whose start has no answer: it may be that one. Then
    those that their vendor holds as one of `held`, whatever they do. In one query."""
    refs = set(filter(None, held))
    running = Job.objects.filter(IS_OPEN, room=OuterRef("pk")).exclude(vendor_ref="")
    rooms = Room.objects.filter(account_id__in=list(account_ids), archived_at=None).annotate(is_busy=Exists(running))
    held_first = Case(When(vendor_ref__in=refs or {"-"}, then=Value(0)), default=Value(1))
    found = rooms.filter(Q(is_busy=False) | Q(vendor_ref__in=refs)).order_by(held_first, "code")
    read = list(found.only("code", "name", "account_id", "vendor_ref")[:MOST_OFFERED])
    return [room for room in read if not room.is_busy], [room for room in read if room.vendor_ref in refs]


def of_ended_job(field: str, name: str) -> Subquery:
    """What `name` is of the ended job whose id stands in `field` of another row; null where there is none."""
    return Subquery(Job.objects.filter(pk=OuterRef(field)).exclude(IS_OPEN).values(name)[:1])


#: What only those need who call a vendor.
SECRETS = ("session_token", "rtc", "report_url", "callback_key")


def latest_jobs(rooms: Iterable[Room], *related: str) -> dict[int, Job]:
    """The newest job of each of `rooms` (with their accounts), by room id, in one query; `related` is read along."""
    by_id = {room.pk: room for room in rooms}
    # A room may have thousands of ended jobs: pick the newest in the database, not here.
    newest = Job.objects.filter(room_id__in=list(by_id)).values("room_id").annotate(newest=Max("id"))
    jobs = Job.objects.filter(pk__in=newest.values("newest")).select_related("started_by", *related).defer(*SECRETS)
    found = {job.room_id: job for job in jobs}
    for room_id, job in found.items():
        job.room, job.account = by_id[room_id], by_id[room_id].account  # known already: no joins
    return found


def latest_job(room: Room) -> Job | None:
    """The newest job of `room` (with its account), with who started it, who has the floor and what was reported."""
    job = _NEWEST.one(room=room.pk)
    if job is not None:
        job.room, job.account = room, room.account  # known already: no joins
    return job


# Ordered by its id alone: to order whole rows Django first hashes each of their columns.
_NEWEST = PreparedObjects(
    lambda room: (
        Job.objects.filter(pk=Job.objects.filter(room=room).order_by("-id").values("pk")[:1])
        .select_related("started_by", "report_cursor", "floor")
        .defer(*SECRETS)
    )
)


def two_lines(job: Job, no: int, behind: int) -> list[JobScriptItem]:
    """The paragraphs of these two numbers, as far as its script has them."""
    return _TWO_LINES.all(job=job.pk, no=no, behind=behind)


_TWO_LINES = PreparedObjects(lambda job, no, behind: JobScriptItem.objects.filter(Q(no=no) | Q(no=behind), job_id=job))


def planned_items(job: Job) -> tuple[PlannedItem, ...]:
    return tuple(PlannedItem(item.no, item.scene_no, item.title, item.text) for item in job.script.all())


def start_plan(job: Job, *, callback_url: str) -> StartPlan:
    """Everything a gateway needs to open this job. Holds secrets: never logged, never stored."""
    room = job.room
    return StartPlan(
        job_key=f"talkback-{job.pk}",
        room=RoomPlan(
            code=room.code,
            name=room.name,
            language=room.language,
            items=planned_items(job),
            config=room.config,
            output_url=room.output_url,
            stream_key=room.stream_key,
            vendor_ref=room.vendor_ref,
            repeat_script=room.repeat_script,
        ),
        callback_url=callback_url,
        callback_key=job.callback_key if callback_url else "",
        callback_proof=job.account.callback_proof,
    )


def running_plan(job: Job, items: tuple[PlannedItem, ...]) -> RoomPlan:
    """The job's room as it started, with `items` as its script: what the room became since then is not on air."""
    room = job.room
    return RoomPlan(
        code=room.code, name=room.name, language=room.language, items=items, config=job.config or room.config
    )


def rooms_on_the_wall(team: Team, *, since: datetime) -> QuerySet[Room]:
    """Rooms with an open job, and those whose job ended against our will after `since`."""
    broken = models.Q(jobs__state__in=sorted(END_STATES - {JobState.ENDED}), jobs__ended_at__gte=since)
    is_open = models.Q(jobs__isnull=False, jobs__ended_at=None)
    rooms = Room.objects.filter(team=team, archived_at=None).filter(is_open | broken)
    return rooms.select_related("account").defer(*ROOM_SECRETS).distinct().order_by("code")


def listed_jobs(team: Team, *, show: str = "") -> QuerySet[Job]:
    """The team's jobs, newest first; `show` is running, failed, or empty for all."""
    found = as_listed(Job.objects.filter(team=team)).order_by("-id")
    if show == "running":
        return found.filter(ended_at=None)
    if show == "failed":
        return found.filter(state__in=sorted(END_STATES - {JobState.ENDED}))
    return found


def as_listed(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """With all that a list shows of them, without what only those need who call a vendor."""
    secrets = (*SECRETS, "room__stream_key", *(f"account__{name}" for name in OF_ACCOUNT))
    return jobs.select_related("room", "account", "started_by").defer(*secrets)


def can_be_heard(team: Team) -> QuerySet[Job]:
    """The team's jobs whose host may speak, or was silenced, with what their rows show."""
    heard = Q(state__in=CAN_SPEAK) | Q(silenced_at__isnull=False)
    return Job.objects.filter(heard, IS_OPEN, team=team).select_related("room", "account", "silenced_by")
