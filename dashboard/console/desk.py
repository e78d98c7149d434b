"""The room desk: what is heard, what comes next, the queue, the script, the story of the job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console import ahead, history, items, parts, tiles
from dashboard.console.facts import RoomFacts
from dashboard.console.items import Item
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState, Link
from dashboard.takeover.states import Source
from dashboard.vendors.abilities import Ability, offer


@dataclass(frozen=True, slots=True)
class Upcoming:
    words: str
    about: str
    lang: str


@dataclass(frozen=True, slots=True)
class Now:
    id: int
    seq: int
    topic: str
    heard: parts.Heard
    air: parts.AirChip
    upcoming: Upcoming | None
    cover: parts.Cover
    dead: str


@dataclass(frozen=True, slots=True)
class ScriptLine:
    number: int
    text: str
    is_played: bool
    is_current: bool
    is_cut: bool = False
    at: datetime | None = None
    ends_at: datetime | None = None
    #: Its name, where a scene begins with this line and there is more than one.
    scene: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    id: int
    seq: int
    topic: str
    position: int
    total: int
    notes: str
    lang: str
    lines: tuple[ScriptLine, ...]
    #: Up to which paragraph this loop is over, as far as the vendor's reports tell, and which are being spoken.
    locked: int = 0
    spoken: str = ""
    loops: bool = False
    edit_url: str = ""
    paused_at: datetime | None = None
    #: It is paused, and its paragraph is heard to the end first.
    ends_first: bool = False
    #: Where the script goes on, in words; what pauses it or lets it go on, and why it can't be paused.
    goes_on: str = ""
    pause_url: str = ""
    pause_reason: str = ""
    resume_url: str = ""
    #: How many fields of the vendor's own record of the job differ from ours, and where to look at them.
    drift: int = 0
    steer_url: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    id: int
    seq: int
    topic: str
    items: tuple[Item, ...]
    count: int
    #: When the last of those that wait is expected to end.
    ends_at: datetime | None
    #: Where all that wait are cancelled at once, and their names; "" where fewer than two wait.
    cancel_url: str
    names: str
    #: Where the chosen ones are cancelled.
    several_url: str
    evidence: parts.AirChip
    note: str


@dataclass(frozen=True, slots=True)
class History:
    id: int
    seq: int
    topic: str
    entries: tuple[history.Entry, ...]
    #: These are the newest; there is more before them.
    is_cut: bool = False


def now(facts: RoomFacts) -> Now:
    """Where there is a line of our own to the vendor, what is heard is as fresh as that line, not as a listing."""
    job, air = facts.job, parts.air_chip(facts)
    if job is not None and job.is_on_air and job.link != Link.NONE:
        source = _("our pings to the vendor")
        air = replace(air, at=job.link_at, fresh=f"job:{job.pk}", source=source)
    unknown = job is not None and JobState(job.state) == JobState.UNKNOWN
    return Now(
        id=facts.room.pk,
        seq=facts.seq,
        topic=facts.room.topic,
        heard=parts.heard(facts),
        air=air,
        upcoming=_upcoming(facts),
        cover=parts.cover(facts),
        dead="unknown" if unknown else "",
    )


def _upcoming(facts: RoomFacts) -> Upcoming | None:
    """What comes next in full: the first that waits, else where the script goes on."""
    if sentences := parts.coming(facts):
        first = sentences[0]
        about = f"{first.author_label or Source(first.source).label} · {first}"
        if scene := items.scene_of(first):
            about += f" · {scene}"
        more = len(sentences) - 1
        if more:
            about = _("%(first)s, then %(count)d more") % {"first": about, "count": more}
        return Upcoming(first.words, about, facts.room.language)
    words, job = parts.next_words(facts), facts.job
    if facts.following is not None and job is not None and job.is_on_air and not job.script_held:
        return Upcoming(facts.following.text, words, facts.room.language)
    return Upcoming(words, "", "") if words else None


def script(facts: RoomFacts, slug: str) -> Script:
    room, job = facts.room, facts.job
    lines: tuple[ScriptLine, ...]
    position = 0
    if job is None:
        planned = enumerate(tiles.planned_script(room), start=1)
        lines = tuple(ScriptLine(number, text, is_played=False, is_current=False) for number, text in planned)
    else:
        position = job.script_no or 0
        ends_at = None
        if facts.playing is not None and facts.playing.source == Source.SCRIPT and facts.playing.started_at:
            ends_at = facts.playing.started_at + timedelta(milliseconds=facts.playing.estimate_ms)
        heads, is_cut = _scene_heads(job), parts.others_speak(facts) or parts.is_silent(job)
        heard = parts.heard_whole(facts)
        lines = tuple(
            ScriptLine(
                number=line.no,
                scene=heads.get(line.no, ""),
                text=line.text,
                is_played=(bool(position) and line.no < position) or line.no <= heard,
                is_current=line.no == position and job.is_open and line.no > heard,
                is_cut=is_cut,
                at=job.script_at if line.no == position else None,
                ends_at=ends_at if line.no == position else None,
            )
            for line in job.script.all()
        )
    notes = _("loops") if room.repeat_script else _("plays once")
    if job is None:
        notes = _("for the next job")
    if job is not None and job.is_open and job.script_held:
        notes = _("paused") if parts.is_paused(job) else _("held")
    shown = Script(room.pk, facts.seq, room.topic, position, len(lines), notes, room.language, lines)
    if job is None or not job.is_open:
        return shown
    can_pause = offer(room.account, Ability.PAUSE_SCRIPT)
    return replace(
        shown,
        edit_url=reverse("console:script", args=[slug, room.code]) if job.can_speak else "",
        paused_at=job.script_paused_at,
        ends_first=parts.is_paused(job) and facts.playing is not None and facts.playing.source == Source.SCRIPT,
        goes_on=parts.following_words(facts),
        pause_url=reverse("takeover:pause_script", args=[slug, room.code])
        if job.can_speak and not job.script_held
        else "",
        pause_reason=str(can_pause.reason),
        resume_url=reverse("takeover:resume_script", args=[slug, room.code]) if parts.is_paused(job) else "",
        drift=len(job.drift),
        steer_url=reverse("console:steer", args=[slug, room.code]),
        locked=parts.reached(facts, job),
        spoken=parts.spoken(facts, job),
        loops=room.repeat_script,
    )


def _scene_heads(job: Job) -> dict[int, str]:
    """Where a scene begins, by the number of its first paragraph; nothing where all are of one scene."""
    first: dict[int, int] = {}
    for line in job.script.all():
        first.setdefault(line.scene_no, line.no)
    if len(first) < 2:
        return {}
    named = job.config.get("scenes") or {}
    return {
        no: str((named.get(str(scene)) or {}).get("name") or _("Scene %(no)d") % {"no": scene})
        for scene, no in first.items()
    }


def queue(facts: RoomFacts, slug: str) -> Queue:
    room, job = facts.room, facts.job
    shown: list[items.Item] = []
    ends_at = None
    if job is not None:
        takeovers = list(facts.queue)
        for one in takeovers:
            one.job = job  # the rows' own job, with its account: no query per row
        is_paused = JobState(job.state) == JobState.PAUSED
        context = items.Context(slug, facts.seq, facts.now, items.wait_reasons(takeovers), is_paused)
        waiting = parts.coming(facts)
        context.starts = ahead.starts(facts)
        starts = [(context.starts[one.pk], one) for one in waiting if one.pk in context.starts]
        ends_at = max((at + timedelta(milliseconds=one.estimate_ms) for at, one in starts), default=None)
        shown = items.queue_items(takeovers, context)
    wait = [item for item in shown if item.can_pick or item.can_drop]
    can_cancel_all = len(wait) > 1 or any(item.can_drop for item in wait)
    return Queue(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        items=tuple(shown),
        count=sum(item.pos is not None for item in shown),
        ends_at=ends_at,
        cancel_url=reverse("takeover:cancel_waiting", args=[slug, room.code]) if can_cancel_all else "",
        several_url=reverse("takeover:cancel_several", args=[slug]),
        names=", ".join(item.number for item in wait),
        evidence=parts.air_chip(facts),
        note="",
    )


def history_of(facts: RoomFacts) -> History:
    told = history.story(facts.job, facts.room.team.slug) if facts.job is not None else history.Story()
    return History(facts.room.pk, facts.seq, facts.room.topic, told.entries, told.is_cut)
