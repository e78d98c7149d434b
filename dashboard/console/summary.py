"""The counts in the strip of every page, and what is missing for the console to work at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dashboard.accounts.models import Team
from dashboard.console.facts import RECENT_END_S
from dashboard.console.tiles import LINK_LOST, LINK_PATIENCE_S
from dashboard.jobs.models import RTC_ALARM_BEFORE, Job
from dashboard.jobs.states import END_STATES, ON_AIR, JobState, StreamLink
from dashboard.lib import clock
from dashboard.lib.prepared import Prepared
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import NOT_BY_PEOPLE, Source, TakeoverState
from dashboard.vendors.models import Health, Relay, UnclaimedSession

OUT_OF_REACH = (Health.UNREACHABLE, Health.REFUSED)


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
    #: Sentences that wait for a second person.
    approval: int
    #: Whether the warnings are accounts alone, which no tile of the wall shows.
    warns_of_accounts: bool
    no_relay: bool
    silent_accounts: tuple[str, ...]
    #: Which library the desks' quick replies are of.
    library: int = 0


def summary(team_id: int, seq: int) -> Summary:
    """One query, however many rooms there are: it is part of every page, and each second of every open one.

    Warnings and alarms are rooms, each counted once and as the wall's tile shows it (`tiles.why`). What no tile tells
    is added: an account out of reach without a running job is a warning, no living relay is an alarm.
    """
    now = clock.now()
    rows = _STRIP.rows(
        team_id=team_id,
        now=now,
        lost_at=now - timedelta(seconds=LINK_PATIENCE_S),
        recent_at=now - timedelta(seconds=RECENT_END_S),
    )
    slug, on_air, talkback, approval, warned, alarmed, broken, unclaimed, has_relay, library, *_account = rows[0]
    silent = [(name, runs) for *_team, name, runs in rows if name is not None]
    return Summary(
        id=team_id,
        seq=seq,
        topic=f"team:{team_id}",
        slug=slug,
        on_air=on_air,
        talkback=talkback,
        warn=warned + sum(not runs for _name, runs in silent),
        alarm=alarmed + broken + unclaimed + int(not has_relay),
        approval=approval,
        warns_of_accounts=bool(silent) and not warned,
        no_relay=not has_relay,
        silent_accounts=tuple(name for name, _runs in silent),
        library=library,
    )


def _strip(team_id: int, now: datetime, lost_at: datetime, recent_at: datetime) -> QuerySet[Team, Any]:
    """A row per silent account, or one without."""
    running = Job.objects.filter(team=OuterRef("pk"), ended_at=None, room__archived_at=None)
    speaking = Takeover.objects.filter(IS_OPEN, team=OuterRef("pk"), job__ended_at=None, state=TakeoverState.PLAYING)
    return (
        Team.objects.filter(pk=team_id)
        .annotate(
            silent=FilteredRelation("vendor_accounts", condition=_out_of_reach()),
            silent_runs=Exists(Job.objects.filter(room__account=OuterRef("silent__id"), ended_at=None)),
            on_air=_count(running.filter(state__in=ON_AIR)),
            talkback=_count(speaking.exclude(source__in=NOT_BY_PEOPLE).exclude(job__state=JobState.PAUSED)),
            approval=_count(
                Takeover.objects.filter(
                    IS_OPEN, team=OuterRef("pk"), job__ended_at=None, state=TakeoverState.AWAITING_APPROVAL
                )
            ),
            warned=_count(running.exclude(_alarms()).filter(_warns(lost_at))),
            alarmed=_count(running.filter(_alarms())),
            broken=_count(_broken(recent_at)),
            unclaimed=_unclaimed(),
            # Without a living relay nothing is sent to any vendor, and nothing is heard from one.
            has_relay=Exists(Relay.objects.filter(alive_until__gte=now, leaving=False)),
        )
        .order_by("silent__id")
        .values_list(
            "slug",
            "on_air",
            "talkback",
            "approval",
            "warned",
            "alarmed",
            "broken",
            "unclaimed",
            "has_relay",
            "library_version",
            "silent__name",
            "silent_runs",
        )
    )


def _out_of_reach() -> Q:
    return Q(vendor_accounts__archived_at=None, vendor_accounts__health__in=OUT_OF_REACH)


def _alarms() -> Q:
    """Running jobs whose tile is red, or says that nobody knows."""
    return (
        Q(state=JobState.UNKNOWN)
        | Q(missing_since__isnull=False)
        | Q(rtc_expired_at__isnull=False)
        | Q(rtc_refused_at__gte=F("rtc_ends_at") - RTC_ALARM_BEFORE)
        | Q(state__in=ON_AIR, stream_link__in=(StreamLink.DOWN, StreamLink.ENDED))
    )


def _warns(lost_at: datetime) -> Q:
    """Running jobs whose tile warns, unless it is red."""
    # `IS_OPEN` says nothing new here, but lets the index of open items answer: a job may have thousands of others.
    unknown = Takeover.objects.filter(IS_OPEN, job=OuterRef("pk"), state=TakeoverState.UNKNOWN)
    return (
        Exists(unknown.exclude(source=Source.SCRIPT))
        | Q(room__account__health__in=OUT_OF_REACH)
        | Q(state__in=ON_AIR, link__in=LINK_LOST, link_at__lt=lost_at)
        | Q(rtc_refused_at__isnull=False)
        | Q(stream_link=StreamLink.RECONNECTING)
        | Q(error__isnull=False, stop_requested_at__isnull=False)
    )


def _broken(recent_at: datetime) -> QuerySet[Job]:
    """Rooms that ended against our will call until they are started again, or for an hour."""
    later = Job.objects.filter(room=OuterRef("room"), number__gt=OuterRef("number"))
    return Job.objects.filter(
        ~Exists(later),
        team=OuterRef("pk"),
        room__archived_at=None,
        state__in=sorted(END_STATES - {JobState.ENDED}),
        ended_at__gte=recent_at,
    )


def _unclaimed() -> Coalesce:
    """Jobs that vendors run and nobody here started, until somebody decides about them."""
    found = UnclaimedSession.objects.filter(account__team=OuterRef("pk"), decision="").order_by()
    return Coalesce(Subquery(found.values("account__team").annotate(n=Count("pk")).values("n")), 0)


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many `rows` a team has, as part of a query about the team."""
    return Coalesce(Subquery(rows.order_by().values("team").annotate(n=Count("pk")).values("n")), 0)


_STRIP = Prepared(_strip)
