"""What a reading of the vendor's queue means for its order, and what follows from putting it right."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.relay.outcomes.queue import note_what_left
from dashboard.live.relay.outcomes.shared import (
    HARMLESS_TRIES,
    again_or_fail,
    attempt,
    error_row,
    in_room,
    note,
    told_payload,
)
from dashboard.takeover import places
from dashboard.takeover.order import Step
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import NotSent, QueueListing, Rejected, Unknown

#: After a move that the vendor did not take: most often the item just began, and its notice is on its way.
AGAIN_S = 0.3

Failed = NotSent | Rejected | Unknown


def steps_to_ours(job: Job, listing: QueueListing) -> list[Step]:
    """The moves that bring what the vendor listed into the order of our ledger; what it plays stays at the head.

    What the listing tells beside its order is noted first.
    """
    note_what_left(job, listing)
    return places.steps_to_ours(job, listing.trace_ids)


def passed(job: Job, command: Command, *, moves: int) -> None:
    """All moves of a pass were taken. The next one looks; where one waits already, that one does."""
    if not moves or _another_waits(command):
        outbox.settle(command, CommandState.ACCEPTED)
    elif command.attempts < HARMLESS_TRIES:
        outbox.put_back(command, after_s=0.0, reason="")
    else:
        again_or_fail(job, command, "another order", Kind.JOB_ORDER_FAILED)


def not_read(job: Job, command: Command, outcome: Failed) -> None:
    if isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        in_room(job, lambda: _refused(job, command, outcome))
    else:
        again_or_fail(job, command, outcome.why, Kind.JOB_ORDER_FAILED)


def not_moved(job: Job, command: Command, outcome: Failed) -> None:
    """Refused: it began or left while we looked; unknown: it may have been moved. The next pass tells both."""
    if _another_waits(command):
        outbox.settle(command, CommandState.ACCEPTED)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected) and command.attempts >= HARMLESS_TRIES:
        in_room(job, lambda: _refused(job, command, outcome))
    else:
        why = "not_moved" if isinstance(outcome, Rejected) else outcome.why
        again_or_fail(job, command, why, Kind.JOB_ORDER_FAILED, after_s=AGAIN_S)


def _refused(job: Job, command: Command, outcome: Rejected) -> None:
    outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
    note(job, Kind.JOB_ORDER_FAILED, told_payload(outcome.error), attempt(command))


def _another_waits(command: Command) -> bool:
    return Command.objects.filter(lane=command.lane, state=CommandState.READY).exists()
