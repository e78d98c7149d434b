"""Commands whose answer did not come: whether they happened is not known, and what follows from that."""

from __future__ import annotations

from django.db.models import Q

from dashboard.jobs.models import Job
from dashboard.live.relay.doubted import doubt
from dashboard.live.relay.outcomes import sounds
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState


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
