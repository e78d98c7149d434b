"""The counts in the strip of every page, and what is missing for the console to work at all."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from dashboard.accounts.models import Team
from dashboard.console.facts import relay_is_missing
from dashboard.jobs.models import Job
from dashboard.jobs.states import ON_AIR, JobState
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors.models import Health, VendorAccount


@dataclass(frozen=True, slots=True)
class Summary:
    id: int
    seq: int
    topic: str
    slug: str
    on_air: int
    talkback: int
    warn: int
    alarm: int
    no_relay: bool
    silent_accounts: tuple[str, ...]


def summary(team_id: int, seq: int) -> Summary:
    """Five queries, however many rooms there are."""
    slug = Team.objects.values_list("slug", flat=True).get(pk=team_id)
    states = dict(Job.objects.filter(team_id=team_id, ended_at=None).values_list("state").annotate(n=Count("id")))
    people = Takeover.objects.filter(team_id=team_id).exclude(source=Source.SCRIPT)
    items = dict(
        people.filter(state__in=(TakeoverState.PLAYING, TakeoverState.UNKNOWN), job__ended_at=None)
        .values_list("state")
        .annotate(n=Count("id"))
    )
    accounts = VendorAccount.objects.filter(
        team_id=team_id, archived_at=None, health__in=(Health.UNREACHABLE, Health.REFUSED)
    )
    silent = tuple(accounts.values_list("name", flat=True))
    missing = relay_is_missing()
    return Summary(
        id=team_id,
        seq=seq,
        topic=f"team:{team_id}",
        slug=slug,
        on_air=sum(states.get(state, 0) for state in ON_AIR),
        talkback=items.get(TakeoverState.PLAYING, 0),
        warn=items.get(TakeoverState.UNKNOWN, 0) + len(silent),
        alarm=states.get(JobState.UNKNOWN, 0) + int(missing),
        no_relay=missing,
        silent_accounts=silent,
    )
