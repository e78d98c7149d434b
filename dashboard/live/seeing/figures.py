"""What only the database knows of the whole installation: see docs/operations.md, "Metrics"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.takeover.models import IS_OPEN as ITEM_IS_OPEN
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState, Relay, VendorAccount

#: The lanes of a job by their last word; all that accounts send is one kind.
JOB_LANES = tuple(name.rpartition(":")[2] for name in outbox.lanes_of(0))
LANES = (*JOB_LANES, "account")
WAITING = (CommandState.READY, CommandState.SENDING)


@dataclass(frozen=True, slots=True)
class Keeper:
    """A relay, and how many open jobs and accounts it keeps."""

    relay: Relay
    jobs: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Depth:
    number: int
    #: When the oldest of them was asked for.
    since: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    keepers: list[Keeper]
    #: Open jobs and accounts that nobody keeps.
    unkept: tuple[int, int]
    #: (lane, state) → commands that wait or are on their way.
    outbox: dict[tuple[str, str], Depth] = field(default_factory=dict)
    #: (state of our own line, state of the picture to the platform) → open jobs.
    links: dict[tuple[str, str], int] = field(default_factory=dict)
    #: State → takeovers that have not ended.
    items: dict[str, int] = field(default_factory=dict)


def keepers() -> list[Keeper]:
    """One query."""
    jobs = _per_owner(Job.objects.filter(IS_OPEN))
    accounts = _per_owner(VendorAccount.objects.filter(archived_at=None))
    relays = Relay.objects.annotate(jobs=jobs, accounts=accounts).order_by("started_at")
    return [Keeper(relay, relay.jobs, relay.accounts) for relay in relays]


def _per_owner(rows: QuerySet[Any]) -> Coalesce:
    mine = rows.filter(owner=OuterRef("name")).order_by().values("owner").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(mine), 0)


def depths(team_id: int | None = None) -> dict[tuple[str, str], Depth]:
    """One query. Each state by itself, so that the index of that state answers, however many commands have ended."""
    parts = [_depth(state, team_id) for state in WAITING]
    rows = parts[0].union(*parts[1:], all=True)
    return {(row["kind_of_lane"], row["state"]): Depth(row["n"], row["since"]) for row in rows}


def _depth(state: CommandState, team_id: int | None) -> QuerySet[Command, Any]:
    commands = Command.objects.filter(state=state)
    if team_id is not None:
        commands = commands.filter(account__team_id=team_id)
    lane = Case(
        *(When(lane__endswith=f":{name}", job_id__isnull=False, then=Value(name)) for name in JOB_LANES),
        default=Value("account"),
        output_field=CharField(),
    )
    return commands.order_by().values("state", kind_of_lane=lane).annotate(n=Count("pk"), since=Min("created_at"))


def links(team_id: int | None = None) -> dict[tuple[str, str], int]:
    """One query."""
    jobs = Job.objects.filter(IS_OPEN) if team_id is None else Job.objects.filter(IS_OPEN, team_id=team_id)
    rows = jobs.order_by().values("link", "stream_link").annotate(n=Count("pk"))
    return {(row["link"], row["stream_link"]): row["n"] for row in rows}


def read() -> Figures:
    """Seven queries, all by indexes of what is open."""
    held = keepers()
    names = [keeper.relay.name for keeper in held]
    orphans = ~Q(owner__in=names)
    items = Takeover.objects.filter(ITEM_IS_OPEN).order_by().values("state").annotate(n=Count("pk"))
    return Figures(
        keepers=held,
        unkept=(
            Job.objects.filter(IS_OPEN).filter(orphans).count(),
            VendorAccount.objects.filter(orphans, archived_at=None).count(),
        ),
        outbox=depths(),
        links=links(),
        items={row["state"]: row["n"] for row in items},
    )


def oldest_wait_s(found: Iterable[Depth]) -> float:
    """Seconds; 0 where nothing waits."""
    now = clock.now()
    return max(((now - depth.since).total_seconds() for depth in found), default=0.0)
