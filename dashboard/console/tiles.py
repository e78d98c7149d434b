"""Tiles of the wall and rows of the rooms list. Every position is explained by its why line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _

from dashboard.console import meters, parts
from dashboard.console.facts import RECENT_END_S, RoomFacts, is_broken
from dashboard.jobs.air import IDLE, AirState
from dashboard.jobs.states import Link, StreamLink
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import launch_problems, script_of
from dashboard.takeover.states import TakeoverState
from dashboard.vendors.models import Health, VendorKind
from dashboard.vendors.said import NOTHING_SAID, Said, said

LINK_PATIENCE_S = 10
#: Of rooms where only the audience waits; those of a smaller rank need somebody, or a person speaks in them.
ASKED_RANK = 4
#: Not up. While a link is opened for the first time it has no time yet: that is no loss.
LINK_LOST = (Link.DOWN, Link.STALE, Link.CONNECTING)


@dataclass(frozen=True, slots=True)
class Why:
    """`need` sorts the wall: crit before warn before human before calm."""

    tone: str
    text: str
    need: str = ""
    rank: int = 9
    ends_at: datetime | None = None
    ends_word: str = ""
    #: The reason is what the vendor said of the job, so the text and the code behind it are made from that.
    is_told: bool = False
    ref: Said = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class Figure:
    value: str | None
    at: datetime | None
    fresh: str = ""
    source: str = ""
    limits: str = "30,60,300"


@dataclass(frozen=True, slots=True)
class Stats:
    """What the audience moves. `is_shown` is False where no job runs that could have one."""

    id: int
    seq: int
    topic: str
    is_shown: bool
    viewers: Figure
    comments: int
    #: Questions that nobody answered, since when the oldest waits, and where that puts a room that needs nothing else.
    questions: int = 0
    oldest_at: datetime | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    id: int
    seq: int
    topic: str
    order: str
    #: Nothing but its questions says where it stands.
    is_calm: bool
    code: str
    name: str
    url: str
    need: str
    idle: bool
    air: parts.AirChip
    heard: parts.Heard
    next: str
    stats: Stats
    why: Why
    cover: parts.Cover
    left_at: datetime | None
    silence_url: str
    silence_reason: str


@dataclass(frozen=True, slots=True)
class RoomRow:
    id: int
    seq: int
    topic: str
    order: str
    code: str
    name: str
    url: str
    edit_url: str
    vendor: str
    air: parts.AirChip
    heard: parts.Heard
    is_open: bool
    problem: str
    owner: str


def tile(facts: RoomFacts, team_slug: str) -> Tile:
    room, job, reason = facts.room, facts.job, why(facts, team_slug)
    is_idle = facts.air.state in IDLE
    speaks = job is not None and job.can_speak
    return Tile(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        order=_order(facts) if reason.rank >= ASKED_RANK and not is_idle else f"{reason.rank}-{room.code}",
        is_calm=reason.rank >= ASKED_RANK and not is_idle,
        code=room.code,
        name=room.name,
        url=reverse("console:desk", args=[team_slug, room.code]),
        need=reason.need,
        idle=is_idle,
        air=parts.air_chip(facts),
        heard=parts.heard(facts),
        next=parts.next_words(facts),
        stats=stats(facts),
        why=reason,
        cover=parts.cover(facts),
        left_at=left_at(facts),
        silence_url=reverse("takeover:silence", args=[team_slug, room.code]) if speaks else "",
        silence_reason="" if speaks else _("Nothing is on air here."),
    )


def changes_at(facts: RoomFacts) -> datetime | None:
    """When the clock alone changes what rows and tiles show of the room, though neither it nor its account moves."""
    job = facts.job
    if job is None:
        return None
    if job.ended_at is not None:
        return job.ended_at + timedelta(seconds=RECENT_END_S)
    if job.link not in LINK_LOST or job.link_at is None:
        return None
    patience_ends = job.link_at + timedelta(seconds=LINK_PATIENCE_S)
    return patience_ends if patience_ends >= facts.now else None


def stats(facts: RoomFacts) -> Stats:
    job = facts.job
    is_shown = job is not None and job.is_open
    return Stats(
        facts.room.pk,
        facts.seq,
        facts.room.topic,
        is_shown,
        viewers(facts),
        job.comments if job else 0,
        questions=facts.asked,
        oldest_at=facts.asked_at,
        order=_order(facts),
    )


def _order(facts: RoomFacts) -> str:
    """Behind whoever needs somebody and whoever speaks: the longest unanswered first, then the rest by code."""
    if facts.asked_at is None:
        return f"{ASKED_RANK + 1}-{facts.room.code}"
    return f"{ASKED_RANK}-{facts.asked_at.timestamp():.0f}-{facts.room.code}"


def viewers(facts: RoomFacts) -> Figure:
    job = facts.job
    if job is None or job.viewers is None:
        return Figure(None, None)
    return Figure(localize(job.viewers), job.viewers_at, source=_("reported by the capture tool"))


def left_at(facts: RoomFacts) -> datetime | None:
    return meters.left_at(facts.job) if facts.job is not None else None


def why(facts: RoomFacts, slug: str = "") -> Why:
    """Why this room stands where it stands: the worst thing first. `slug` of the team that a code's link leads to."""
    reason = _first_reason(facts)
    job = facts.job
    if job is None or not reason.is_told:
        return reason
    told = said(job.error, facts.room.account.vendor, slug)
    return replace(reason, text=told.text, ref=told)


def _first_reason(facts: RoomFacts) -> Why:
    for look in (_ended_badly, _contradiction, _not_known, _not_reached, _asks_approval, _person_speaks):
        if reason := look(facts):
            return reason
    if facts.job is not None and facts.job.is_open and parts.is_silent(facts.job):
        return Why("", _("Silent by intent"), rank=4)
    if facts.air.state in IDLE:
        return Why("", "", rank=8)
    return Why("", _("Calm"), rank=5)


def _ended_badly(facts: RoomFacts) -> Why | None:
    job = facts.job
    if job is None or not is_broken(job):
        return None
    return Why("crit", parts.broken_words(job), need="crit", rank=0, is_told=bool(job.error))


def _contradiction(facts: RoomFacts) -> Why | None:
    job = facts.job
    if job is not None and job.is_open and job.missing_since is not None:
        return Why("crit", _("The vendor does not know this job; it counts as running here"), need="crit", rank=0)
    if job is not None and job.is_open and job.rtc_is_alarm:
        return Why("crit", parts.rtc_words(job), need="crit", rank=0)
    if not facts.air.contradiction:
        return None
    return Why("crit", _("The picture does not reach the platform"), need="crit", rank=0)


def _not_known(facts: RoomFacts) -> Why | None:
    if facts.air.state == AirState.UNKNOWN:
        return Why("stale", _("We do not know whether this room runs"), need="unknown", rank=1)
    if facts.unknown:
        text = (
            _("%(count)d sentence of unknown outcome")
            if facts.unknown == 1
            else _("%(count)d sentences of unknown outcome")
        )
        return Why("stale", text % {"count": facts.unknown}, need="warn", rank=2)
    return None


def _not_reached(facts: RoomFacts) -> Why | None:
    job, account = facts.job, facts.room.account
    if job is None or not job.is_open:
        return None
    if account.health == Health.UNREACHABLE:
        return Why("warn", _("%(account)s does not answer") % {"account": account.name}, need="warn", rank=2)
    if account.health == Health.REFUSED:
        return Why("warn", _("%(account)s refuses the credential") % {"account": account.name}, need="warn", rank=2)
    is_down = job.link in LINK_LOST and job.is_on_air
    if is_down and job.link_at and (facts.now - job.link_at).total_seconds() > LINK_PATIENCE_S:
        return Why("warn", _("The takeover channel is down; words wait here"), need="warn", rank=2)
    if words := parts.rtc_words(job):
        return Why("warn", words, need="warn", rank=2)
    if job.stream_link == StreamLink.RECONNECTING:
        return Why("warn", _("The picture is reconnecting"), need="warn", rank=2)
    if job.error and job.stop_requested_at:
        return Why("warn", "", need="warn", rank=2, is_told=True)
    return None


def _asks_approval(facts: RoomFacts) -> Why | None:
    """Somebody waits here for a second person."""
    asking = [item for item in facts.waiting if item.state == TakeoverState.AWAITING_APPROVAL]
    if not asking:
        return None
    if len(asking) == 1:
        return Why("human", _("%(item)s waits for approval") % {"item": str(asking[0])}, rank=3)
    return Why("human", _("%(count)d wait for approval") % {"count": len(asking)}, rank=3)


def _person_speaks(facts: RoomFacts) -> Why | None:
    if facts.playing is None or not facts.person_speaks or facts.air.state == AirState.PAUSED:
        return None
    who = facts.playing.author_label or str(facts.playing)
    return Why("human", _("%(who)s speaks, %(item)s") % {"who": who, "item": str(facts.playing)}, rank=3)


def room_row(facts: RoomFacts, team_slug: str) -> RoomRow:
    room, job = facts.room, facts.job
    return RoomRow(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        order=room.code,
        code=room.code,
        name=room.name,
        url=reverse("console:desk", args=[team_slug, room.code]),
        edit_url=reverse("rooms:edit", args=[team_slug, room.code]),
        vendor=f"{room.account.name} · {room.account.region}" if room.account.region else room.account.name,
        air=parts.air_chip(facts),
        heard=parts.heard(facts),
        is_open=job is not None and job.is_open,
        problem=_problem(facts),
        owner=str(job.started_by or "") if job is not None and job.is_open else "",
    )


def _problem(facts: RoomFacts) -> str:
    """The cheap half of the go / no-go list: what the rows already hold, without a query for each room."""
    room = facts.room
    if facts.job is not None and facts.job.is_open:
        return ""
    if room.account.health == Health.REFUSED:
        return _("credential refused")
    if room.account.vendor == VendorKind.SOFTSUGAR and not room.config.get("file_id"):
        return _("no digital human")
    if room.account.vendor == VendorKind.METASTUDIO and not room.vendor_ref:
        return _("refused by the vendor") if room.push_error else _("being created at the vendor")
    return ""


def start_reason(facts: RoomFacts) -> str:
    """Why this room can't be started now, or "" where it can."""
    problems = [problem.text for problem in launch_problems(facts.room) if problem.blocks]
    return problems[0] if problems else ""


def planned_script(room: Room) -> list[str]:
    """What the next job of a room will say."""
    return [item.text for item in script_of(room)]
