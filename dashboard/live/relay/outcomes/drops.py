"""What follows from dropping all that was inserted at MetaStudio and was not heard yet (its newer calls)."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.shared import error_row, in_room
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.release import has_channel
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Accepted, NotSent, Outcome, Rejected


def dropped(job: Job, command: Command, outcome: Outcome[None]) -> None:
    """Not repeated where nobody answered: by then somebody may have inserted something that is meant to be heard."""
    if isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Accepted):
        in_room(job, lambda: _gone(job, command))
    else:
        error = error_row(outcome.error) if isinstance(outcome, Rejected) else None
        state = CommandState.REJECTED if isinstance(outcome, Rejected) else CommandState.UNKNOWN
        outbox.settle(command, state, error=error)


def _gone(job: Job, command: Command) -> None:
    """Where nobody tells what is being said, what was handed over may be it: then nothing is assumed."""
    outbox.settle(command, CommandState.ACCEPTED)
    if not has_channel(job) or command.claimed_at is None:
        return
    waited = Takeover.objects.filter(IS_OPEN, job=job, started_at=None, accepted_at__lt=command.claimed_at)
    facts = [
        item_fact(item, Kind.ITEM_CANCELLED, key=str(command.pk)) for item in waited.select_related("job__account")
    ]
    accept(*facts)
