"""The takeovers of all rooms and sources as one ledger: how it is filtered, counted, and what caused each item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboard.accounts.models import Team
from dashboard.console import items
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.outlook import starts_of_jobs
from dashboard.takeover.selectors import listed
from dashboard.takeover.states import Source, TakeoverState

#: Of one room, when something in it changed.
NEWEST = 20
_ON_ITS_WAY = ("held", "waiting", "sending", "accepted", "queued")
#: Which states each choice of `show` means; "today" is a time and "" is everything.
SHOWS: dict[str, Q] = {
    "open": IS_OPEN,
    "approval": Q(state=TakeoverState.AWAITING_APPROVAL),
    "speaking": Q(state__in=(TakeoverState.PLAYING, TakeoverState.CANCELLING)),
    "queued": Q(state__in=_ON_ITS_WAY),
    "unknown": Q(state=TakeoverState.UNKNOWN),
}
#: Sources that a list may be narrowed to; the script only on demand, since it speaks all day.
SOURCES = (Source.PERSON, Source.QUICK_REPLY, Source.RULE, Source.SCRIPT, Source.FOREIGN)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page is narrowed to. Unknown words narrow nothing."""

    show: str = ""
    code: str = ""
    person: int | None = None
    source: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.code or self.person or self.source)


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of the filter."""

    value: str
    label: str
    count: int | None = None


def chosen(query: Mapping[str, str]) -> Chosen:
    show, source, person = query.get("show", ""), query.get("source", ""), query.get("person", "")
    return Chosen(
        show=show if show in SHOWS or show == "today" else "",
        code=query.get("room", "")[:8],
        person=int(person) if person.isdecimal() and len(person) < 19 else None,
        source=source if source in SOURCES else "",
    )


def found(team: Team, chosen: Chosen, now: datetime) -> QuerySet[Takeover]:
    """The items of that choice, newest first."""
    rows = _narrowed(team, chosen)
    if chosen.show == "today":
        return rows.filter(requested_at__gte=_midnight(team, now))
    return rows.filter(SHOWS[chosen.show]) if chosen.show else rows


def choices(team: Team, chosen: Chosen, now: datetime) -> list[Choice]:
    """The states to choose from, each with how many there are; one query."""
    counts = {f"n_{name}": Count("pk", filter=where) for name, where in SHOWS.items()}
    today = Count("pk", filter=Q(requested_at__gte=_midnight(team, now)))
    told = _narrowed(team, chosen).order_by().aggregate(**counts, n_today=today)
    words = {
        "open": pgettext("items", "Open"),
        "approval": _("Needs approval"),
        "speaking": _("Speaking"),
        "queued": _("Queued"),
        "unknown": _("Unknown"),
        "today": _("Today"),
    }
    return [Choice("", _("All")), *(Choice(name, word, told[f"n_{name}"]) for name, word in words.items())]


def rooms_of(running: Iterable[Room], chosen: Chosen) -> list[Choice]:
    """The rooms that run or ran lately, and the chosen one."""
    names = {room.code: f"{room.code} {room.name}" for room in running}
    if chosen.code:
        names.setdefault(chosen.code, chosen.code)
    return [Choice(code, name) for code, name in sorted(names.items())]


def people_of(rows: Iterable[Takeover]) -> list[Choice]:
    """Who said something of what is listed."""
    names = {row.author_id: str(row.author) for row in rows if row.author is not None}
    return [Choice(str(pk), name) for pk, name in sorted(names.items(), key=lambda one: one[1])]


def _narrowed(team: Team, chosen: Chosen) -> QuerySet[Takeover]:
    rows = listed(team, script=chosen.source == Source.SCRIPT)
    if chosen.code:
        rows = rows.filter(room__code=chosen.code)
    if chosen.person:
        rows = rows.filter(author_id=chosen.person)
    return rows.filter(source=chosen.source) if chosen.source else rows


def _midnight(team: Team, now: datetime) -> datetime:
    with timezone.override(team.time_zone):
        return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


# ------------------------------------------------------------------------------------------------------ about its items


def context_of(rows: list[Takeover], slug: str, seq: int, now: datetime) -> items.Context:
    """What rows of the ledger share."""
    waits = items.wait_reasons(rows)
    return items.Context(slug, seq, now, waits, starts=starts_of(rows, now), causes=causes_of(rows))


def newest_of_room(room_id: int, seq: int) -> list[items.Row]:
    """What a change of one room sends to the list of all rooms."""
    room = next(iter(Room.objects.select_related("team").filter(pk=room_id)), None)
    if room is None:
        return []
    rows = list(listed(room.team).filter(room=room)[:NEWEST])
    context = context_of(rows, room.team.slug, seq, clock.now())
    return [items.row(row, context) for row in rows]


def starts_of(rows: Iterable[Takeover], now: datetime) -> dict[int, datetime]:
    """When each waiting item of these is expected to be heard, as its room's desk reckons it; one query."""
    jobs: dict[int, Job] = {}
    for item in rows:
        if item.is_open and item.started_at is None:
            item.job.room = item.room  # known already: no query for it
            jobs[item.job_id] = item.job
    return starts_of_jobs(jobs.values(), now)


def causes_of(rows: list[Takeover]) -> dict[int, str]:
    """The comment that each of these answers, by the item; one query."""
    wanted = {row.cause_event_id for row in rows if row.cause_event_id}
    if not wanted:
        return {}
    events = Event.objects.filter(pk__in=wanted, team_id__in={row.team_id for row in rows}).in_bulk()
    told = {}
    for row in rows:
        event = events.get(row.cause_event_id or 0)
        if event is not None:
            words = {"user": event.data.get("user", ""), "text": event.data.get("text", "")}
            told[row.pk] = _("comment by %(user)s: %(text)s") % words
    return told
