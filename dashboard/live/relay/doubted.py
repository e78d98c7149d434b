"""What follows where nobody answered one command, by its kind."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.relay import inventory
from dashboard.live.relay.outcomes.items import item_unsure
from dashboard.live.relay.outcomes.shared import again_or_fail
from dashboard.live.relay.outcomes.starts import create_unsure
from dashboard.live.relay.outcomes.steering import change_unsure
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import SPEAKS, Command, CommandKind, CommandState

#: What may be repeated, and how the screen says that it failed for good.
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


def doubt(command: Command, why: str) -> None:
    if command.kind in SPEAKS and command.subject:
        item = Takeover.objects.select_related("job__account", "job__room", "room").get(trace_id=command.trace_id)
        item_unsure(item, command, why)
    elif command.kind == CommandKind.CREATE and command.job_id is not None:
        job = Job.objects.select_related("room", "account").get(pk=command.job_id)
        create_unsure(job, command, why)
    elif command.job_id is not None and command.kind in _HARMLESS:
        # Harmless to repeat: a stop, cancel or silent clip that nobody answered goes once more.
        job = Job.objects.select_related("room", "account").get(pk=command.job_id)
        again_or_fail(job, command, why, _failure(command), after_s=0.0)
    elif command.job_id is not None and command.subject.startswith("change:"):
        job = Job.objects.select_related("room", "account").get(pk=command.job_id)
        change_unsure(job, command, why)
    elif command.kind == CommandKind.PUSH_ROOM:
        inventory.push_unsure(command, why)
    else:
        outbox.settle(command, CommandState.UNKNOWN)


def _failure(command: Command) -> Kind:
    """A pause of the script alone is no silence."""
    if command.kind == CommandKind.PAUSE and command.body.get("script"):
        return Kind.JOB_SCRIPT_PAUSE_FAILED
    return _HARMLESS[CommandKind(command.kind)]
