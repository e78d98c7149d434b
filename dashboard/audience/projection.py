"""What follows from audience events: one change of each job per batch, and the questions that they hold.

A burst is thousands of comments a second, so the statements are the driver's: the ORM makes its SQL anew for each job.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from dashboard.audience.grouping import note_questions
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job

_JOBS = Job._meta.db_table
_COUNT = (
    f"UPDATE {_JOBS} SET comments = comments + %s, gifts = gifts + %s, "  # noqa: S608  the name of our own table
    "audience_at = CASE WHEN audience_at > %s THEN audience_at ELSE %s END WHERE id = %s"
)
_SEE = (
    f"UPDATE {_JOBS} SET viewers = %s, viewers_at = %s "  # noqa: S608
    "WHERE id = %s AND (viewers_at IS NULL OR viewers_at <= %s)"
)


def apply_batch(events: Sequence[Event]) -> None:
    """Count comments and gifts, keep the newest number of viewers, note the questions; the rooms are locked."""
    by_job: dict[int, list[Event]] = {}
    for event in events:
        if event.job_id is not None:  # no audience without a job
            by_job.setdefault(event.job_id, []).append(event)
    if not by_job:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, [_counted(job, of_it) for job, of_it in by_job.items()])
        if seen := [row for job, of_it in by_job.items() if (row := _seen(job, of_it))]:
            cursor.executemany(_SEE, seen)
    note_questions(by_job)


def _counted(job_id: int, events: Sequence[Event]) -> tuple[Any, ...]:
    comments = sum(event.kind == Kind.COMMENT for event in events)
    gifts = sum(int(event.data.get("count", 1)) for event in events if event.kind == Kind.GIFT)
    newest = connection.ops.adapt_datetimefield_value(max(event.at for event in events))
    return comments, gifts, newest, newest, job_id


def _seen(job_id: int, events: Sequence[Event]) -> tuple[Any, ...] | None:
    told = [event for event in events if event.kind == Kind.VIEWERS]
    if not told:
        return None
    last = max(told, key=lambda event: event.at)
    at = connection.ops.adapt_datetimefield_value(last.at)
    return int(str(last.data.get("count", 0))), at, job_id, at
