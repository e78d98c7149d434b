"""Once a second and relay: every promise with a time lies in an indexed column; this reads them. See docs/live.md."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.live.relay import doubts, idle_rooms, late_items, useless_items, watched, windows
from dashboard.takeover.services import clip_files, floor
from dashboard.vendors import outbox


@dataclass(frozen=True, slots=True)
class Found:
    """Jobs whose lanes have something due, and jobs whose vendor queue should be read to settle a doubt."""

    waiting: list[int]
    doubtful: list[int]


def sweep(relay: str) -> Found:
    """All deadlines and idle rooms, in a number of queries that does not grow with the number of quiet rooms."""
    overdue = doubts.overdue_commands(relay)
    doubts.left_over(relay)
    windows.end_due(relay)
    late_items.due_items(relay)
    floor.sweep()
    clip_files.forget_unused()
    useless_items.expire_items(relay)
    idle_rooms.quiet_scripts(relay)
    idle_rooms.held_back(relay)
    watched.outputs(relay)
    watched.ask_records(relay)
    mine = Job.objects.filter(IS_OPEN, owner=relay).values("id")
    waiting = outbox.due().filter(job_id__in=mine).order_by().values_list("job_id", flat=True).distinct()
    doubtful = {*(command.job_id for command in overdue if command.job_id), *doubts.jobs_to_ask(relay)}
    return Found(waiting=[job_id for job_id in waiting if job_id], doubtful=sorted(doubtful))
