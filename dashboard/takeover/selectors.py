"""Reads of takeovers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from dashboard.accounts.models import Team
from dashboard.jobs.models import Job
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import NEVER_HEARD, Source, TakeoverState

#: Of its estimated length: what ended sooner was cut.
SURELY_CUT = 0.8
#: A finished item stays on the desk's queue this long, so that nobody wonders where it went.
RECENT = 3


@dataclass(frozen=True, slots=True)
class Speaking:
    """What one job says now and next: what is heard (script included), then what people and rules put in.

    `queue` is what its desk shows: the last few ends where they were asked for, what plays, what waits, in the order of
    hearing.
    """

    playing: Takeover | None = None
    waiting: tuple[Takeover, ...] = ()
    unknown: int = 0
    queue: tuple[Takeover, ...] = ()


def speaking(job_ids: Iterable[int], *, ended_of: int | None = None) -> dict[int, Speaking]:
    """By job, in one query for all, without their rooms; `ended_of` names the job whose last ends are wanted too."""
    wanted = Q(IS_OPEN, job_id__in=list(job_ids))
    if ended_of is not None:
        people = Takeover.objects.exclude(source=Source.SCRIPT)
        ended = people.filter(job_id=ended_of).exclude(IS_OPEN).order_by("-id")[:RECENT]
        wanted |= Q(pk__in=ended.values("pk"))
    rows: dict[int, list[Takeover]] = {}
    items = Takeover.objects.filter(wanted).select_related("cut_by").order_by("id")
    for item in items if ended_of is None else items.annotate(was_said_again=_said_again()):
        rows.setdefault(item.job_id, []).append(item)
    return {job_id: _speaking(items) for job_id, items in rows.items()}


def _said_again() -> Exists:
    """Whether an item was sent again, and the other was or may have been heard: a third time is refused."""
    return Exists(Takeover.objects.filter(again_of=OuterRef("pk")).exclude(state__in=NEVER_HEARD))


def _speaking(items: list[Takeover]) -> Speaking:
    ended = [item for item in items if not item.is_open]
    started = [item for item in items if item.is_open and item.started_at is not None]
    people = sorted((item for item in items if item.is_open and item.source != Source.SCRIPT), key=_hearing_order)
    return Speaking(
        playing=max(started, key=_started_at, default=None),
        waiting=tuple(item for item in people if item.started_at is None),
        unknown=sum(item.state == TakeoverState.UNKNOWN for item in people),
        queue=(*ended, *people),
    )


def _started_at(item: Takeover) -> float:
    return item.started_at.timestamp() if item.started_at else 0.0


def _hearing_order(item: Takeover) -> tuple[int, int, int]:
    """What is heard, then what was handed to a vendor that takes no other order, then by place."""
    playing = item.state in (TakeoverState.PLAYING, TakeoverState.CANCELLING) and item.started_at is not None
    return 0 if playing else 1 if item.released_at is not None else 2, item.place, item.pk


def listed(team: Team, *, script: bool = False) -> QuerySet[Takeover]:
    """The team's takeovers of all rooms, newest first; the script's own plays only where `script` asks for them."""
    items = Takeover.objects.filter(team=team)
    if not script:
        items = items.exclude(source=Source.SCRIPT)
    return items.select_related("room", "job__account", "author", "cut_by__room", "marked_by").order_by("-id")


def waiting_of(job: Job) -> list[Takeover]:
    """What people and rules put in and nobody heard yet, in the order of hearing."""
    items = Takeover.objects.filter(IS_OPEN, job=job, started_at=None).exclude(source=Source.SCRIPT)
    return sorted(items.select_related("room", "job__account", "job__room"), key=_hearing_order)


def cut_unconfirmed(job_id: int, since: datetime) -> list[Takeover]:
    """Items that a cancel sent after `since` has ended, as far as can be told, though nobody confirmed that cancel.

    The vendor has one word for "finished" and "cancelled" (SoftSugar's 18). What never began, or was over well before
    its words can have been said, was not heard to its end.
    """
    ended = Takeover.objects.filter(
        job_id=job_id, cancel_sent_at__gte=since, cancel_ok_at=None, finished_at__isnull=False
    ).select_related("job__account")
    return [item for item in ended if item.started_at is None or _is_short(item, item.started_at, item.finished_at)]


def _is_short(item: Takeover, started_at: datetime, finished_at: datetime | None) -> bool:
    said = (finished_at or started_at) - started_at
    return said < timedelta(milliseconds=item.estimate_ms * SURELY_CUT)


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
