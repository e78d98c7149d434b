"""What follows from the outcome of a change of a running job, and of a pause of its script.

A change without an answer is not sent again: it stays unknown until the vendor's own record of the job shows it, or
shows that it never arrived (`drift`).
"""

from __future__ import annotations

from datetime import datetime

from dashboard.events.kinds import Change, Kind, Nothing
from dashboard.jobs import commands
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind
from dashboard.live.relay.outcomes.shared import again_or_fail, attempt, error_row, in_room, note, told_payload
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorKind
from dashboard.vendors.port import Accepted, NotSent, Outcome, Rejected, VendorError
from dashboard.vendors.said import parts

#: What the vendor's own record of the job shows, so that it can be compared (MetaStudio).
COMPARABLE = (ChangeKind.SCRIPT, ChangeKind.RULES, ChangeKind.OUTPUT)
#: How soon the record is asked after a change: it may take a moment to say what it took.
COMPARE_AFTER_S = 1.0
#: A call that nobody answered may still be carried out this long after it left; only then its absence proves anything.
LATE_S = outbox.DEADLINE_S + 3.0


def changed(job: Job, command: Command, wanted: JobChange, outcome: Outcome[None]) -> None:
    in_room(job, lambda: _changed(job, command, wanted, outcome))


def _changed(job: Job, command: Command, wanted: JobChange, outcome: Outcome[None]) -> None:
    if isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
        return
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED, request_id=outcome.request_id)
        tell(job, wanted, Kind.JOB_CHANGED, request_id=outcome.request_id)
    elif isinstance(outcome, Rejected):
        error = error_row(outcome.error, outcome.request_id)
        outbox.settle(command, CommandState.REJECTED, error=error, request_id=outcome.request_id)
        tell(job, wanted, Kind.JOB_CHANGE_REFUSED, error=outcome.error, request_id=outcome.request_id)
    else:
        outbox.settle(command, CommandState.UNKNOWN)
        tell(job, wanted, Kind.JOB_CHANGE_UNSURE, why=outcome.why)
    if wanted.kind in COMPARABLE and job.account.vendor == VendorKind.METASTUDIO:
        commands.compare(job, after_s=COMPARE_AFTER_S)


def change_unsure(job: Job, command: Command, why: str) -> None:
    """The answer to a change did not come in time, or who waited for it is gone."""
    wanted = JobChange.objects.get(pk=int(command.subject.partition(":")[2]))

    def doubt() -> None:
        if outbox.settle(command, CommandState.UNKNOWN):
            tell(job, wanted, Kind.JOB_CHANGE_UNSURE, why=why)
            if wanted.kind in COMPARABLE:
                commands.compare(job)

    in_room(job, doubt)


def sent_at(wanted: JobChange) -> datetime | None:
    """When the change left us last."""
    return Command.objects.filter(subject=wanted.subject).values_list("claimed_at", flat=True).first()


def tell(
    job: Job,
    wanted: JobChange,
    kind: Kind,
    *,
    why: str = "",
    by: str = "outcome",
    seen: str = "",
    error: VendorError | None = None,
    request_id: str = "",
) -> None:
    told = Change(change=wanted.pk, what=wanted.kind, seen=seen, by=by, why=why, request_id=request_id, **parts(error))
    note(job, kind, told, str(wanted.pk))


def script_paused(job: Job, command: Command, outcome: Outcome[None]) -> None:
    """A pause or a resume of the script alone (MetaStudio's command channel)."""
    in_room(job, lambda: _script_paused(job, command, outcome))


def _script_paused(job: Job, command: Command, outcome: Outcome[None]) -> None:
    resumes = command.kind == CommandKind.RESUME
    failed = Kind.JOB_RESUME_FAILED if resumes else Kind.JOB_SCRIPT_PAUSE_FAILED
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED, request_id=outcome.request_id)
        if not resumes:
            note(job, Kind.JOB_SCRIPT_PAUSE_SENT, Nothing(), attempt(command))
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        note(job, failed, told_payload(outcome.error, request_id=outcome.request_id), attempt(command))
    else:
        again_or_fail(job, command, outcome.why, failed)
