"""An operator cancels all that waits in a room."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.takeover import commands
from dashboard.takeover.decisions import PROJECTIONS, decided
from dashboard.takeover.selectors import can_be_dropped, waiting_of
from dashboard.takeover.services.cancel_many import Cancelled, cancel_one


def cancel_waiting(*, job: Job, user: User, actor: Actor) -> Cancelled:
    """Cancel all that people and rules put into `job` and nobody heard yet.

    What MetaStudio has already is dropped there by one request, where the account has that call.
    """
    result = Cancelled()
    with deeds.locked(job.topic):
        waiting = waiting_of(job)
        if there := [item for item in waiting if can_be_dropped(item)]:
            for item in there:
                fact = decided(item, Kind.ITEM_CANCEL_REQUESTED, user=user)
                deeds.record([fact], PROJECTIONS, actor=actor, action="cancel_takeover", target=item)
            commands.drop_inserted(job, there, is_urgent=False)
            result.asked += there
        rest = sorted(set(waiting) - set(there), key=lambda item: (-item.place, -item.pk))
        for item in rest:
            cancel_one(item, user, actor, result)
    return result
