"""Reads of what the audience did and what answered it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet, Window

from dashboard.audience.models import IS_UNANSWERED, Question, RuleDecision
from dashboard.audience.states import Outcome
from dashboard.jobs.models import Job
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


@dataclass(frozen=True, slots=True)
class Unanswered:
    """How many questions of a job nobody has answered, and when the oldest of them was asked."""

    count: int
    oldest_at: datetime


def unanswered(job_ids: Iterable[int]) -> dict[int, Unanswered]:
    """By job, in one query for all; jobs without a question are left out."""
    found = Question.objects.filter(IS_UNANSWERED, job_id__in=list(job_ids)).order_by().values("job_id")
    counted = found.annotate(count=Count("id"), oldest=Min("asked_at"))
    return {row["job_id"]: Unanswered(row["count"], row["oldest"]) for row in counted}


def questions_of(job: Job) -> QuerySet[Question]:
    """Unanswered questions of a job, the one that waits longest first, each with `total`, how many there are."""
    found = Question.objects.filter(IS_UNANSWERED, job=job).select_related("takeover", "claimed_by")
    return found.annotate(total=Window(Count("id"))).order_by("asked_at", "id")
