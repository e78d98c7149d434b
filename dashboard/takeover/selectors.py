"""Reads of takeovers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from dashboard.accounts.models import Team
from dashboard.jobs.models import Job
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import AT_VENDOR, Source, TakeoverState

#: A finished item stays on the desk's queue this long, so that nobody wonders where it went.
RECENT = 3


def queue(job: Job) -> list[Takeover]:
    """What the desk's queue shows: the last few ends, then what plays, then what waits, in the order of hearing."""
    people = Takeover.objects.filter(job=job).exclude(source=Source.SCRIPT).select_related("author", "room", "cut_by")
    recent = list(people.exclude(IS_OPEN).order_by("-id")[:RECENT])
    open_items = list(people.filter(IS_OPEN))
    return [*reversed(recent), *sorted(open_items, key=_hearing_order)]


def _hearing_order(item: Takeover) -> tuple[int, int, int, int]:
    playing = item.state in (TakeoverState.PLAYING, TakeoverState.CANCELLING)
    at_vendor = item.state in AT_VENDOR
    return (0 if playing else 1 if at_vendor else 2, item.rank if not at_vendor else 0, item.place, item.pk)


def playing(job: Job) -> Takeover | None:
    """What the vendor says is being heard now, script items included."""
    return (
        Takeover.objects.filter(IS_OPEN, job=job, started_at__isnull=False)
        .select_related("author", "room")
        .order_by("-started_at")
        .first()
    )


def playing_by_job(job_ids: Iterable[int]) -> dict[int, Takeover]:
    items = Takeover.objects.filter(IS_OPEN, job_id__in=list(job_ids), started_at__isnull=False).select_related(
        "author", "room"
    )
    return {item.job_id: item for item in items.order_by("started_at")}


def waiting_by_job(job_ids: Iterable[int]) -> dict[int, list[Takeover]]:
    """Unstarted open items of people and rules, in order, by job."""
    found: dict[int, list[Takeover]] = {}
    items = (
        Takeover.objects.filter(IS_OPEN, job_id__in=list(job_ids), started_at=None)
        .exclude(source=Source.SCRIPT)
        .select_related("room")
    )
    for item in sorted(items, key=_hearing_order):
        found.setdefault(item.job_id, []).append(item)
    return found


def listed(team: Team, *, state: str = "") -> QuerySet[Takeover]:
    """The team's takeovers by people and rules, newest first; `state` is open, unknown, speaking, or empty for all."""
    items = (
        Takeover.objects.filter(team=team)
        .exclude(source=Source.SCRIPT)
        .select_related("room", "job__account", "author", "cut_by", "marked_by")
    )
    if state == "open":
        items = items.filter(IS_OPEN)
    elif state == "unknown":
        items = items.filter(state=TakeoverState.UNKNOWN)
    elif state == "speaking":
        items = items.filter(state=TakeoverState.PLAYING)
    return items.order_by("-id")


def unknown_counts(job_ids: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    rows = Takeover.objects.filter(job_id__in=list(job_ids), state=TakeoverState.UNKNOWN).exclude(source=Source.SCRIPT)
    for job_id in rows.values_list("job_id", flat=True):
        found[job_id] = found.get(job_id, 0) + 1
    return found


def people_ahead(item: Takeover) -> int:
    """How many unstarted items of people and rules the vendor's queue already holds before `item`."""
    return (
        Takeover.objects.filter(
            IS_OPEN,
            job_id=item.job_id,
            started_at=None,
            claimed_at__isnull=False,
            place__lt=item.place,
        )
        .exclude(source=Source.SCRIPT)
        .exclude(pk=item.pk)
        .count()
    )


def due(now: object) -> QuerySet[Takeover]:
    """Items the relay has to look at: their estimated time has passed."""
    return Takeover.objects.filter(due_at__lte=now).select_related("job__account", "job__room", "room")
