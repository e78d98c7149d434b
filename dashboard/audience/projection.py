"""What follows from audience events: one UPDATE of the job per batch, and the questions that it holds."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Case, F, PositiveIntegerField, Q, Value, When

from dashboard.audience.grouping import note_questions
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job


def apply_batch(events: Sequence[Event]) -> None:
    """Count comments and gifts, keep the newest number of viewers, note the questions. All events are of one job."""
    job_id = events[0].job_id
    if job_id is None:
        return  # no audience without a job
    newest = max(event.at for event in events)
    changes: dict[str, object] = {
        "comments": F("comments") + sum(event.kind == Kind.COMMENT for event in events),
        "gifts": F("gifts") + sum(int(event.data.get("count", 1)) for event in events if event.kind == Kind.GIFT),
        "audience_at": Case(When(audience_at__gt=newest, then=F("audience_at")), default=Value(newest)),
    }
    viewers = [event for event in events if event.kind == Kind.VIEWERS]
    if viewers:
        last = max(viewers, key=lambda event: event.at)
        is_newer = Q(viewers_at=None) | Q(viewers_at__lte=last.at)
        changes |= {
            "viewers": Case(When(is_newer, then=_number(last.data.get("count", 0))), default=F("viewers")),
            "viewers_at": Case(When(is_newer, then=Value(last.at)), default=F("viewers_at")),
        }
    Job.objects.filter(pk=job_id).update(**changes)
    note_questions(events)


def _number(count: object) -> Value:
    return Value(int(str(count)), output_field=PositiveIntegerField())
