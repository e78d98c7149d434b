"""The counts in the strip of every page, and what is missing for the console to work at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dashboard.accounts.models import Team
from dashboard.console.facts import RECENT_END_S
from dashboard.jobs.models import Job
from dashboard.jobs.states import END_STATES, ON_AIR, JobState, StreamLink
from dashboard.lib import clock
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors.models import Health, Relay


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
    """One query, however many rooms there are: it is part of every page, and each second of every open one."""
    jobs = Job.objects.filter(team=OuterRef("pk"), ended_at=None)
    # As on the wall: a room that ended against our will calls until it is started again, or for an hour.
    later = Job.objects.filter(room=OuterRef("room"), number__gt=OuterRef("number"))
    broken = Job.objects.filter(
        ~Exists(later),
        team=OuterRef("pk"),
        state__in=sorted(END_STATES - {JobState.ENDED}),
        ended_at__gte=clock.now() - timedelta(seconds=RECENT_END_S),
    )
    people = Takeover.objects.filter(team=OuterRef("pk"), job__ended_at=None).exclude(source=Source.SCRIPT)
    # Without a living relay nothing is sent to any vendor, and nothing is heard from one.
    relays = Relay.objects.filter(alive_until__gte=clock.now(), leaving=False)
    out_of_reach = Q(
        vendor_accounts__archived_at=None, vendor_accounts__health__in=(Health.UNREACHABLE, Health.REFUSED)
    )
    rows = list(
        Team.objects.filter(pk=team_id)
        .annotate(
            silent=FilteredRelation("vendor_accounts", condition=out_of_reach),
            on_air=_count(jobs.filter(state__in=ON_AIR)),
            doubtful=_count(jobs.filter(state=JobState.UNKNOWN)),
            unseen=_count(jobs.filter(state__in=ON_AIR, stream_link__in=(StreamLink.DOWN, StreamLink.ENDED))),
            broken=_count(broken),
            talkback=_count(people.filter(state=TakeoverState.PLAYING)),
            unknown=_count(people.filter(state=TakeoverState.UNKNOWN)),
            has_relay=Exists(relays),
        )
        .order_by("silent__id")
        .values("slug", "on_air", "doubtful", "unseen", "broken", "talkback", "unknown", "has_relay", "silent__name")
    )
    told = rows[0]
    silent = tuple(row["silent__name"] for row in rows if row["silent__name"] is not None)
    return Summary(
        id=team_id,
        seq=seq,
        topic=f"team:{team_id}",
        slug=told["slug"],
        on_air=told["on_air"],
        talkback=told["talkback"],
        warn=told["unknown"] + len(silent),
        alarm=told["doubtful"] + told["unseen"] + told["broken"] + int(not told["has_relay"]),
        no_relay=not told["has_relay"],
        silent_accounts=silent,
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many `rows` a team has, as part of a query about the team."""
    return Coalesce(Subquery(rows.order_by().values("team").annotate(n=Count("pk")).values("n")), 0)
