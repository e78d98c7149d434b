"""Commands whose answer did not come: whether they happened is not known, and what follows from that."""

from __future__ import annotations

from django.db.models import Q

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.live.relay import inventory
from dashboard.live.relay.outcomes import sounds
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


def overdue_commands(relay: str) -> list[Command]:
    """Commands whose answer or notice did not come in time: their outcome is unknown from now on.

    Also those that a dead relay was sending: whoever keeps their job or account now closes them, or a lane stays shut.
    """
    jobs = Job.objects.filter(owner=relay).values("id")
    of_account = Q(account__owner=relay, kind__in=outbox.ACCOUNT_KINDS)
    overdue = list(outbox.overdue().filter(Q(relay=relay) | of_account | Q(job_id__in=jobs)))
    for command in overdue:
        doubt(command, "timeout")
    return overdue


def orphaned_commands(job_ids: tuple[int, ...], relay: str) -> list[Command]:
    """What an earlier keeper of these jobs was sending: marked unknown, never sent again (the fence)."""
    orphans = list(Command.objects.filter(job_id__in=job_ids, state=CommandState.SENDING).exclude(relay=relay))
    for command in orphans:
        doubt(command, "relay_lost")
    sounds.orphaned(job_ids)
    return orphans


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
        again_or_fail(job, command, why, _HARMLESS[CommandKind(command.kind)], after_s=0.0)
    elif command.job_id is not None and command.subject.startswith("change:"):
        job = Job.objects.select_related("room", "account").get(pk=command.job_id)
        change_unsure(job, command, why)
    elif command.kind == CommandKind.PUSH_ROOM:
        inventory.push_unsure(command, why)
    else:
        outbox.settle(command, CommandState.UNKNOWN)
