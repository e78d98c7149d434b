"""Once a second and relay: every promise with a time lies in an indexed column; this reads them. See docs/live.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.live.relay import doubts, idle_rooms, late_items
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors import outbox
from dashboard.vendors.models import VendorKind


@dataclass(frozen=True, slots=True)
class Found:
    """Jobs whose lanes have something due, and jobs whose vendor queue should be read to settle a doubt."""

    waiting: list[int]
    doubtful: list[int]


def sweep(relay: str) -> Found:
    """All deadlines and idle rooms, in a number of queries that does not grow with the number of quiet rooms."""
    overdue = doubts.overdue_commands(relay)
    late_items.due_items(relay)
    late_items.useless_items(relay)
    idle_rooms.quiet_scripts(relay)
    idle_rooms.held_back(relay)
    recent = clock.now() - timedelta(seconds=30)
    of_unknown = Q(state=TakeoverState.UNKNOWN, timeout_at__gte=recent)
    # Known from the queue alone, since no notice tells of it: only the queue will say that it left.
    unheard = Q(state=TakeoverState.QUEUED, timeout_at__isnull=False)
    asked = Takeover.objects.filter(
        of_unknown | unheard, job__owner=relay, job__account__vendor=VendorKind.SOFTSUGAR, job__ended_at=None
    )
    mine = Job.objects.filter(IS_OPEN, owner=relay).values("id")
    waiting = outbox.due().filter(job_id__in=mine).order_by().values_list("job_id", flat=True).distinct()
    doubtful = {*(command.job_id for command in overdue if command.job_id), *asked.values_list("job_id", flat=True)}
    return Found(waiting=[job_id for job_id in waiting if job_id], doubtful=sorted(doubtful))
