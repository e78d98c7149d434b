"""Commands that may be sent once more where nobody answered them, and how the screen says that one failed for good."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.relay.outcomes.shared import again_or_fail
from dashboard.vendors.models import Command, CommandKind

_HARMLESS: dict[CommandKind, Kind] = {
    CommandKind.GO_LIVE: Kind.JOB_LIVE_REFUSED,
    CommandKind.STOP: Kind.JOB_STOP_UNSURE,
    CommandKind.CANCEL: Kind.JOB_SILENCE_FAILED,
    CommandKind.PAUSE: Kind.JOB_SILENCE_FAILED,
    CommandKind.CLIP: Kind.JOB_SILENCE_FAILED,
    CommandKind.RESUME: Kind.JOB_RESUME_FAILED,
    CommandKind.REORDER: Kind.JOB_ORDER_FAILED,
    CommandKind.COMPARE: Kind.JOB_ORDER_FAILED,
}


def is_harmless(command: Command) -> bool:
    return command.kind in _HARMLESS


def go_again(job: Job, command: Command, why: str) -> None:
    """A stop, cancel or silent clip that nobody answered."""
    again_or_fail(job, command, why, _failure(command), after_s=0.0)


def _failure(command: Command) -> Kind:
    """A pause of the script alone is no silence."""
    if command.kind == CommandKind.PAUSE and command.body.get("script"):
        return Kind.JOB_SCRIPT_PAUSE_FAILED
    return _HARMLESS[CommandKind(command.kind)]
