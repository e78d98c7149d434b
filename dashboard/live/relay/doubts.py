"""Commands whose answer did not come: whether they happened is not known, and what follows from that."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.live.relay.doubted import doubt
from dashboard.live.relay.outcomes import sounds
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState, VendorKind


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


def left_over(relay: str) -> int:
    """Commands that came back to the outbox when their job was over already: nobody keeps it any more. How many."""
    over = Job.objects.filter(pk=OuterRef("job_id"), ended_at__isnull=False)
    return outbox.withdraw(Command.objects.filter(Exists(over), account__owner=relay))


def jobs_to_ask(relay: str) -> list[int]:
    """Jobs whose vendor's own queue is to say what became of a sentence (SoftSugar)."""
    recent = clock.now() - timedelta(seconds=30)
    of_unknown = Q(state=TakeoverState.UNKNOWN, timeout_at__gte=recent)
    # Known from the queue alone, since no notice tells of it: only the queue will say that it left.
    # The same of what a cancel may have taken away whose answer nobody got; the next one is refused for that.
    there = (TakeoverState.QUEUED, TakeoverState.CANCELLING)
    unheard = Q(state__in=there, timeout_at__isnull=False, queued_at__isnull=False, started_at=None)
    asked = Takeover.objects.filter(
        of_unknown | unheard, job__owner=relay, job__account__vendor=VendorKind.SOFTSUGAR, job__ended_at=None
    )
    return list(asked.values_list("job_id", flat=True))
