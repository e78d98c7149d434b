"""What jobs say now and next, as their rows tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dashboard.jobs.models import JobScriptItem
from dashboard.lib.prepared import PreparedObjects
from dashboard.takeover.models import ENDS, IS_OPEN, Takeover
from dashboard.takeover.states import NEVER_HEARD, Source, TakeoverState

#: So many ended sentences stay on the desk's queue, the last ones, so that nobody wonders where they went.
RECENT = 3
#: They are looked for among so many that were asked for last, since one that was overtaken ends after younger ones.
ASKED_LAST = 30
_ENDED_AT = Coalesce(*ENDS)
#: Paragraphs looked ahead for the ends of sentences: the one that plays, and the one behind it.
PARAGRAPHS = 2


@dataclass(frozen=True, slots=True)
class Speaking:
    """What one job says now and next: what is heard (script included), then what people and rules put in.

    `queue` is what its desk shows: the last few ends where they were asked for, what plays, what waits, in the order of
    hearing.
    """

    playing: Takeover | None = None
    waiting: tuple[Takeover, ...] = ()
    unknown: int = 0
    #: The paragraph of our own script player that waits at the vendor behind everybody's words.
    ahead: Takeover | None = None
    queue: tuple[Takeover, ...] = ()
    #: The paragraph of our own script player that began last, over or not; where the last ends were asked for.
    last_play: Takeover | None = None
    #: When the last sentence that was told to end did, so far as it was read.
    ended_at: datetime | None = None


def speaking(job_ids: Iterable[int], *, with_script: bool = False) -> dict[int, Speaking]:
    """By job, in one query for all, without their rooms or their last ends.

    `with_script`: each item has the texts of the paragraph its job is at and of the next, as `script_0`, `script_1`,
    and each job its last end.
    """
    rows: dict[int, list[Takeover]] = {}
    found = Takeover.objects.filter(IS_OPEN, job_id__in=list(job_ids)).select_related("cut_by")
    if with_script:
        found = found.annotate(**{f"script_{at}": _paragraph(at) for at in range(PARAGRAPHS)}, last_end=_last_end())
    for item in _by_id(found):
        rows.setdefault(item.job_id, []).append(item)
    return {job_id: _speaking(items) for job_id, items in rows.items()}


def speaking_in(job_id: int) -> Speaking:
    """What one job says, without its room or its last ends."""
    return _speaking(_by_id(_OF_JOB.all(job=job_id)))


def speaking_with_ends(job_id: int) -> Speaking:
    """What one job says, without its room, and its last ends."""
    return _speaking(_by_id(_OF_DESK.all(job=job_id)))


def _of_desk(job: int) -> QuerySet[Takeover]:
    people = Takeover.objects.exclude(source=Source.SCRIPT)
    ended = people.filter(job_id=job).exclude(IS_OPEN).order_by("-id")[:ASKED_LAST]
    last_ends = Takeover.objects.filter(pk__in=ended.values("pk")).order_by(_ENDED_AT.desc(nulls_last=True), "-id")
    plays = Takeover.objects.filter(job_id=job, source=Source.SCRIPT, started_at__isnull=False)
    wanted = Q(IS_OPEN, job_id=job) | Q(pk__in=last_ends.values("pk")[:RECENT])
    wanted |= Q(pk__in=plays.order_by("-play_no")[:1].values("pk"))
    return Takeover.objects.filter(wanted).select_related("cut_by").annotate(was_said_again=_said_again())


_OF_JOB = PreparedObjects(lambda job: Takeover.objects.filter(IS_OPEN, job_id=job).select_related("cut_by"))
_OF_DESK = PreparedObjects(_of_desk)


def _by_id(items: Iterable[Takeover]) -> list[Takeover]:
    """Sorted here: to order by one of so many columns Django hashes them all, which takes longer than the query."""
    return sorted(items, key=attrgetter("pk"))


def _ended_at(item: Takeover) -> tuple[datetime, int]:
    return item.ended_at or item.requested_at, item.pk


def _paragraph(at: int) -> Subquery:
    here = JobScriptItem.objects.filter(job_id=OuterRef("job_id"), no=OuterRef("job__script_no") + at)
    return Subquery(here.values("text")[:1])


def last_end(job_id: int) -> datetime | None:
    last: datetime | None = Takeover.objects.filter(job_id=job_id).aggregate(last=Max("finished_at"))["last"]
    return last


def _last_end() -> Subquery:
    ended = Takeover.objects.filter(job_id=OuterRef("job_id"), finished_at__isnull=False).order_by("-finished_at")
    return Subquery(ended.values("finished_at")[:1])


def _said_again() -> Exists:
    """Whether an item was sent again, and the other was or may have been heard: a third time is refused."""
    return Exists(Takeover.objects.filter(again_of=OuterRef("pk")).exclude(state__in=NEVER_HEARD))


def _speaking(items: list[Takeover]) -> Speaking:
    ended = sorted((item for item in items if not item.is_open and item.source != Source.SCRIPT), key=_ended_at)
    plays = [item for item in items if item.source == Source.SCRIPT and item.started_at is not None]
    started = [item for item in items if item.is_open and item.started_at is not None]
    people = sorted((item for item in items if item.is_open and item.source != Source.SCRIPT), key=hearing_order)
    return Speaking(
        playing=max(started, key=_started_at, default=None),
        waiting=tuple(item for item in people if item.started_at is None),
        unknown=sum(item.state == TakeoverState.UNKNOWN for item in people),
        ahead=next((item for item in items if item.is_open and _is_next_paragraph(item)), None),
        queue=(*ended, *people),
        last_play=max(plays, key=_started_at, default=None),
        ended_at=getattr(items[0], "last_end", None) if items else None,
    )


def _is_next_paragraph(item: Takeover) -> bool:
    return item.source == Source.SCRIPT and item.started_at is None and item.state == TakeoverState.QUEUED


def _started_at(item: Takeover) -> float:
    return item.started_at.timestamp() if item.started_at else 0.0


def hearing_order(item: Takeover) -> tuple[int, int, int]:
    """What is heard, then what was handed to a vendor that takes no other order, then by place."""
    playing = item.state in (TakeoverState.PLAYING, TakeoverState.CANCELLING) and item.started_at is not None
    return 0 if playing else 1 if item.released_at is not None else 2, item.place, item.pk
