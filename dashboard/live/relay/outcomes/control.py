"""What follows from the outcome of going on air, a stop, a pause, a resume or the silent clip.

The end of a command and the fact that it brings are one transaction: a refusal whose fact was lost would never be told.
"""

from __future__ import annotations

from dashboard.events.kinds import Kind, Nothing
from dashboard.jobs.models import Job
from dashboard.live.relay.outcomes.shared import again_or_fail, attempt, error_row, in_room, note, told_payload
from dashboard.takeover import commands as takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState
from dashboard.vendors.port import Accepted, NotSent, Outcome, Rejected, SaidRef


def went_live(job: Job, command: Command, outcome: Outcome[None]) -> None:
    in_room(job, lambda: _went_live(job, command, outcome))


def _went_live(job: Job, command: Command, outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        note(job, Kind.JOB_LIVE_REFUSED, told_payload(outcome.error, request_id=outcome.request_id), attempt(command))
    else:
        # A second start of a started session changes nothing (004:143).
        again_or_fail(job, command, outcome.why, Kind.JOB_LIVE_REFUSED)


def stopped(job: Job, command: Command, outcome: Outcome[None]) -> None:
    in_room(job, lambda: _stopped(job, command, outcome))


def _stopped(job: Job, command: Command, outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED, request_id=outcome.request_id)
        note(job, Kind.JOB_STOP_ACCEPTED, Nothing(), attempt(command))
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error), request_id=outcome.request_id)
        note(job, Kind.JOB_STOP_REFUSED, told_payload(outcome.error, request_id=outcome.request_id), attempt(command))
    else:
        again_or_fail(job, command, outcome.why, Kind.JOB_STOP_UNSURE)


def silenced(job: Job, command: Command, outcome: Outcome[object]) -> None:
    """Pause, resume or silent clip of a MetaStudio room."""
    in_room(job, lambda: _silenced(job, command, outcome))


def _silenced(job: Job, command: Command, outcome: Outcome[object]) -> None:
    failed = Kind.JOB_RESUME_FAILED if command.kind == CommandKind.RESUME else Kind.JOB_SILENCE_FAILED
    if isinstance(outcome, Accepted):
        ref = outcome.value.vendor_ref if isinstance(outcome.value, SaidRef) else ""
        outbox.settle(command, CommandState.ACCEPTED, vendor_ref=ref, request_id=outcome.request_id)
        if command.kind != CommandKind.RESUME:
            note(job, Kind.JOB_SILENCE_SENT, Nothing(), attempt(command))
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
        _silence_otherwise(job, command, outcome)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        note(job, failed, told_payload(outcome.error, request_id=outcome.request_id), attempt(command))
    else:
        again_or_fail(job, command, outcome.why, failed)


def _silence_otherwise(job: Job, command: Command, outcome: NotSent) -> None:
    """A silence does not wait for a channel that is down: the account's clip cuts in now, the pause follows later."""
    has_clip = bool(job.account.capabilities.get("silent_clip_url"))
    if command.kind == CommandKind.PAUSE and outcome.why == "link_down" and command.attempts == 1 and has_clip:
        takeover.play_silence(job)
