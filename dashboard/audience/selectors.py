"""Reads of what the audience did and what answered it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db.models import Count, Min, QuerySet, Window

from dashboard.audience.models import IS_UNANSWERED, Question, RuleDecision
from dashboard.audience.states import Outcome
from dashboard.jobs.models import Job
from dashboard.lib.prepared import Prepared, PreparedObjects
from dashboard.rooms.models import Room

#: The log's filters.
SHOWN = {
    "fired": (Outcome.FIRED, Outcome.MADE),
    "suppressed": (Outcome.SUPPRESSED,),
    "lost": (Outcome.LOST, Outcome.REFUSED),
}


def decisions_of(room: Room, *, show: str = "") -> QuerySet[RuleDecision]:
    """What the rules of a room decided in any of its jobs, newest first, each with the words it asked for."""
    found = RuleDecision.objects.filter(room=room).select_related("takeover")
    if outcomes := SHOWN.get(show):
        found = found.filter(outcome__in=outcomes)
    return found.order_by("-id")


def decisions_in(job: Job, *, limit: int) -> list[RuleDecision]:
    """The latest of them in one job."""
    return _decisions(limit).all(room=job.room_id, job=job.pk)


@cache
def _decisions(limit: int) -> PreparedObjects[RuleDecision]:
    return PreparedObjects(
        lambda room, job: (
            RuleDecision.objects.filter(room=room, job=job)  # the room's index, newest first
            .select_related("takeover")
            .order_by("-id")[:limit]
        )
    )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """How many questions of a job nobody has answered, and when the oldest of them was asked."""

    count: int
    oldest_at: datetime


def unanswered(job_ids: Collection[int]) -> dict[int, Unanswered]:
    """By job, in one query for all; jobs without a question are left out."""
    rows: Iterable[tuple[int, int, datetime]]
    if len(job_ids) == 1:  # a tile of a wall, at each change
        rows = _UNANSWERED.rows(job=next(iter(job_ids)))
    else:
        rows = _counted(Question.objects.filter(IS_UNANSWERED, job_id__in=list(job_ids)))
    return {job_id: Unanswered(count, oldest_at) for job_id, count, oldest_at in rows}


def _counted(found: QuerySet[Question]) -> QuerySet[Question, tuple[int, int, datetime]]:
    by_job = found.order_by().values("job_id").annotate(count=Count("id"), oldest=Min("asked_at"))
    return by_job.values_list("job_id", "count", "oldest")


_UNANSWERED = Prepared(lambda job: _counted(Question.objects.filter(IS_UNANSWERED, job_id=job)))


def questions_of(job: Job, *, limit: int) -> list[Question]:
    """Unanswered questions of a job, the one that waits longest first, each with `total`, how many there are."""
    return _questions(limit).all(job=job.pk)


@cache
def _questions(limit: int) -> PreparedObjects[Question]:
    def first(job: int) -> QuerySet[Question]:
        found = Question.objects.filter(IS_UNANSWERED, job_id=job).select_related("takeover", "claimed_by")
        return found.annotate(total=Window(Count("id"))).order_by("asked_at", "id")[:limit]

    return PreparedObjects(first)
