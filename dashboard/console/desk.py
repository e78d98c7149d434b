"""The room desk: what is heard, what comes next, the queue, the script, the audience, the story of the job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console import comments, history, items, parts, tiles
from dashboard.console.comments import Comment, Tally
from dashboard.console.facts import POLLED_LIMITS, RoomFacts, is_broken
from dashboard.console.items import Item
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState, StreamLink
from dashboard.lib.speech import HAN_PER_S
from dashboard.takeover.checks import LONGEST, SHORTEST
from dashboard.takeover.states import Source
from dashboard.vendors.models import VendorKind


@dataclass(frozen=True, slots=True)
class StreamFact:
    state: str
    word: str
    at: datetime | None
    source: str = ""
    fresh: str = ""
    limits: str = POLLED_LIMITS


@dataclass(frozen=True, slots=True)
class Bar:
    id: int
    seq: int
    topic: str
    code: str
    name: str
    rooms_url: str
    announce: str
    air: parts.AirChip
    stream: StreamFact | None
    channel: StreamFact | None
    stats: tiles.Stats
    left_at: datetime | None
    job_code: str
    job_url: str
    vendor: str
    silence_url: str
    silence_reason: str
    restore_url: str
    start_url: str
    start_reason: str
    stop_dialog: str
    edit_url: str
    notice: str
    notice_tone: str
    clash: str


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


@dataclass(frozen=True, slots=True)
class Queue:
    id: int
    seq: int
    topic: str
    items: tuple[Item, ...]
    count: int
    evidence: parts.AirChip
    note: str


@dataclass(frozen=True, slots=True)
class History:
    id: int
    seq: int
    topic: str
    entries: tuple[history.Entry, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    id: int
    seq: int
    topic: str
    comments: tuple[Comment, ...]
    tally: Tally | None
    lang: str
    note: str


@dataclass(frozen=True, slots=True)
class Dock:
    room_id: int
    team: str
    code: str
    post_url: str
    lang: str
    least: int
    limit: int
    chars_per_second: str
    now_label: str
    mic_reason: str
    silence_url: str


@dataclass(frozen=True, slots=True)
class StopDialog:
    id: str
    title: str
    losses: tuple[tuple[str, str], ...]
    post_url: str
    verb: str
    keep: str
    word: str
    ask_reason: bool
    action: str


def bar(facts: RoomFacts, slug: str) -> Bar:
    room, job = facts.room, facts.job
    running = job is not None and job.is_open
    speaks = job is not None and job.can_speak
    chip = parts.air_chip(facts, big=True)
    notice, notice_tone = _notice(facts)
    return Bar(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        code=room.code,
        name=room.name,
        rooms_url=reverse("console:rooms", args=[slug]),
        announce=f"{room.code}: {chip.word}",
        air=chip,
        stream=_stream(job) if running else None,
        channel=_channel(job) if running else None,
        stats=tiles.stats(facts),
        left_at=tiles.left_at(facts),
        job_code=str(job) if job is not None else "",
        job_url=reverse("console:job", args=[slug, job.pk]) if job is not None else "",
        vendor=room.account.name,
        silence_url=reverse("takeover:silence", args=[slug, room.code])
        if speaks and job and not job.script_held
        else "",
        silence_reason="" if speaks else _("Nothing is on air here."),
        restore_url=reverse("takeover:resume", args=[slug, room.code]) if job and running and job.script_held else "",
        start_url="" if running else reverse("jobs:start", args=[slug, room.code]),
        start_reason="" if running else tiles.start_reason(facts),
        stop_dialog=f"#stop-{room.pk}" if job is not None and job.can_stop else "",
        edit_url="" if running else reverse("rooms:edit", args=[slug, room.code]),
        notice=notice,
        notice_tone=notice_tone,
        clash=_clash(job) if job is not None and facts.air.contradiction else "",
    )


def _stream(job: Job | None) -> StreamFact | None:
    if job is None:
        return None
    return StreamFact(job.stream_link, parts.link_word(job), job.stream_link_at)


def _channel(job: Job | None) -> StreamFact | None:
    """Our own line to the vendor: the takeover socket or the command channel."""
    if job is None or job.link == "none":
        return None
    source = _("our pings to the vendor")
    return StreamFact(job.link, parts.control_link_word(job), job.link_at, source, fresh=f"job:{job.pk}")


def _clash(job: Job) -> str:
    state = _("The vendor says ON AIR")
    return _("%(state)s, but the picture to the platform is %(link)s.") % {
        "state": state,
        "link": StreamLink(job.stream_link).label,
    }


def _notice(facts: RoomFacts) -> tuple[str, str]:
    """What to know before acting, and its tone: the vendor's silence, a doubtful start, a refused stop."""
    job = facts.job
    if job is None:
        return "", ""
    if job.error and (job.is_open or is_broken(job)):
        return parts.told(job.error).text, "crit" if is_broken(job) else "warn"
    reason = tiles.why(facts)
    return (reason.text, reason.tone) if reason.tone in ("warn", "stale") else ("", "")


def now(facts: RoomFacts) -> Now:
    job = facts.job
    unknown = job is not None and JobState(job.state) == JobState.UNKNOWN
    return Now(
        id=facts.room.pk,
        seq=facts.seq,
        topic=facts.room.topic,
        heard=parts.heard(facts),
        air=parts.air_chip(facts),
        upcoming=_upcoming(facts),
        cover=parts.cover(facts),
        dead="unknown" if unknown else "",
    )


def _upcoming(facts: RoomFacts) -> Upcoming | None:
    """What comes next in full: the first that waits, else where the script goes on."""
    if sentences := parts.coming(facts):
        first = sentences[0]
        about = f"{first.author_label or Source(first.source).label} · {first}"
        more = len(sentences) - 1
        if more:
            about = _("%(first)s, then %(count)d more") % {"first": about, "count": more}
        return Upcoming(first.text, about, facts.room.language)
    words, job = parts.next_words(facts), facts.job
    if facts.following is not None and job is not None and job.is_on_air and not job.script_held:
        return Upcoming(facts.following.text, words, facts.room.language)
    return Upcoming(words, "", "") if words else None


def script(facts: RoomFacts) -> Script:
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
        lines = tuple(
            ScriptLine(
                number=line.no,
                text=line.text,
                is_played=bool(position) and line.no < position,
                is_current=line.no == position and job.is_open,
                is_cut=facts.person_speaks or parts.is_silent(job),
                at=job.script_at if line.no == position else None,
                ends_at=ends_at if line.no == position else None,
            )
            for line in job.script.all()
        )
    notes = _("loops") if room.repeat_script else _("plays once")
    if job is None:
        notes = _("for the next job")
    if job is not None and job.script_held:
        notes = _("held")
    return Script(room.pk, facts.seq, room.topic, position, len(lines), notes, room.language, lines)


def queue(facts: RoomFacts, slug: str) -> Queue:
    room, job = facts.room, facts.job
    shown: list[items.Item] = []
    if job is not None:
        takeovers = list(facts.queue)
        for one in takeovers:
            one.job = job  # the rows' own job, with its account: no query per row
        context = items.Context(slug, facts.seq, facts.now, items.wait_reasons(takeovers))
        shown = items.queue_items(takeovers, context)
    return Queue(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        items=tuple(shown),
        count=sum(item.pos is not None for item in shown),
        evidence=parts.air_chip(facts),
        note="",
    )


def history_of(facts: RoomFacts) -> History:
    entries = tuple(history.entries(facts.job)) if facts.job is not None else ()
    return History(facts.room.pk, facts.seq, facts.room.topic, entries)


def audience(facts: RoomFacts) -> Audience:
    room, job = facts.room, facts.job
    rows, tally = comments.feed(job, room.language, facts.now) if job is not None else ([], None)
    return Audience(room.pk, facts.seq, room.topic, tuple(rows), tally, room.language, _report_note(job))


def counts(facts: RoomFacts) -> Audience:
    """The numbers of the audience without its feed."""
    room, job = facts.room, facts.job
    tally = comments.tally(job, facts.now) if job is not None else None
    return Audience(room.pk, facts.seq, room.topic, (), tally, room.language, "")


def _report_note(job: Job | None) -> str:
    """How far the audience's events went on to the vendor's own rules."""
    if job is None or not job.is_open:
        return ""
    cursor = getattr(job, "report_cursor", None)
    if cursor is not None and cursor.unsure_events:
        return _("%(count)d events may not have reached the vendor's rules") % {"count": cursor.unsure_events}
    return ""


def dock(facts: RoomFacts, slug: str) -> Dock:
    room = facts.room
    vendor = VendorKind(room.account.vendor)
    pace = room.units_per_s or HAN_PER_S
    return Dock(
        room_id=room.pk,
        team=slug,
        code=room.code,
        post_url=reverse("takeover:create", args=[slug, room.code]),
        lang=room.language,
        least=SHORTEST[vendor],
        limit=LONGEST[vendor],
        chars_per_second=f"{pace:.1f}",
        now_label=_("Now, cuts speech"),
        mic_reason="",
        silence_url=reverse("takeover:silence", args=[slug, room.code]),
    )


def stop_dialog(facts: RoomFacts, slug: str) -> StopDialog | None:
    room, job = facts.room, facts.job
    if job is None or not job.can_stop:
        return None
    losses = [(_("The livestream ends for all viewers"), parts.air_chip(facts).word)]
    if sentences := parts.coming(facts):
        losses.append((_("Sentences that were not heard yet"), str(len(sentences))))
    if job.viewers:
        losses.append((_("Viewers"), str(job.viewers)))
    return StopDialog(
        id=f"stop-{room.pk}",
        title=_("Stop %(code)s %(name)s") % {"code": room.code, "name": room.name},
        losses=tuple(losses),
        post_url=reverse("jobs:stop", args=[slug, room.code]),
        verb=_("Stop %(code)s") % {"code": room.code},
        keep=_("Keep %(code)s on air") % {"code": room.code},
        word=room.code,
        ask_reason=True,
        action="stop_job",
    )
