"""What follows from dropping all that was inserted at MetaStudio and was not heard yet (its newer calls)."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.live.relay.outcomes.wishes import not_cancelled, not_dropped
from dashboard.takeover.facts import item_fact
from dashboard.takeover.selectors import waited_there
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
        not_dropped(job, command, outcome if isinstance(outcome, Rejected) else None)


def _gone(job: Job, command: Command) -> None:
    """What was wished away by it and had begun before it came goes on, and no cancel of it is under way any more."""
    outbox.settle(command, CommandState.ACCEPTED)
    waited = waited_there(job, command.claimed_at) if command.claimed_at is not None else []
    accept(*[item_fact(item, Kind.ITEM_CANCELLED, key=str(command.pk)) for item in waited])
    not_cancelled(job, command.body.get("items", ()), None)
