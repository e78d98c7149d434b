"""What workers do in the background. Each may be begun twice and cut off anywhere: it goes on where the rows stand.

No call to a vendor is made here: those are Commands, sent by relays.
"""

from __future__ import annotations

from django.core.management import call_command
from django_tasks import task

from dashboard.audit import sealing
from dashboard.lib import clock
from dashboard.live.worker import retention, tidying
from dashboard.live.worker.models import Periodic
from dashboard.live.worker.stopping import pause

#: Finished tasks are kept this long, for whoever looks why something went wrong.
TASKS_KEPT_DAYS = 7


@task()
def archive_events() -> dict[str, int]:
    """Move events that are older than their team keeps them into archive files."""
    moved = retention.archive_old_events(clock.now(), pause)
    if not moved.is_through:
        Periodic.objects.filter(name="archive_events").update(due_at=clock.now())
    return {"archived": moved.archived, "deleted": moved.deleted}


@task()
def seal_audit() -> int:
    """Chain what was added to the audit trail, so that a later change of it shows."""
    sealed = 0
    while batch := sealing.seal_next(clock.now()):
        sealed += batch
        if pause(0.01):
            break
    return sealed


@task()
def drop_talk_tickets() -> int:
    return tidying.drop_talk_tickets(clock.now())


@task()
def drop_sign_in_attempts() -> int:
    return tidying.drop_sign_in_attempts(clock.now())


@task()
def drop_sessions() -> None:
    call_command("clearsessions", verbosity=0)


@task()
def drop_finished_tasks() -> None:
    call_command("prune_db_task_results", min_age_days=TASKS_KEPT_DAYS, verbosity=0)
