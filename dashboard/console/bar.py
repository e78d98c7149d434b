"""The head of the desk: who, in what state, how sure, and how to end it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console import parts, tiles
from dashboard.console.facts import POLLED_LIMITS, RoomFacts, is_broken
from dashboard.console.meters import Meter, meter_of
from dashboard.console.silences import Silence, silence_of
from dashboard.jobs.states import StreamLink
from dashboard.lib.languages import together
from dashboard.takeover.floor import is_asked, is_held
from dashboard.takeover.models import Floor
from dashboard.vendors.said import NOTHING_SAID, Said, said

if TYPE_CHECKING:
    from dashboard.jobs.models import Job


@dataclass(frozen=True, slots=True)
class StreamFact:
    state: str
    word: str
    at: datetime | None
    source: str = ""
    fresh: str = ""
    limits: str = POLLED_LIMITS


@dataclass(frozen=True, slots=True)
class FloorFact:
    """Who may speak by microphone, and who would like to. Empty names: nobody. What may be done the page picks."""

    holder_id: int | None
    holder: str
    since: datetime | None
    is_open: bool
    is_armed: bool
    asker: str
    give_url: str


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
    say_reason: str
    stream: StreamFact | None
    channel: StreamFact | None
    stats: tiles.Stats
    meter: Meter | None
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
    notice: Said
    notice_tone: str
    clash: str
    close_url: str
    floor: FloorFact | None
    silence: Silence | None


@dataclass(frozen=True, slots=True)
class StopDialog:
    id: str
    title: str
    losses: tuple[tuple[str, str], ...]
    #: The audience moves it while the dialog stands still, so it is shown with its age; None where nobody told.
    viewers: tiles.Figure | None
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
    notice, notice_tone = _notice(facts, slug)
    return Bar(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        code=room.code,
        name=room.name,
        rooms_url=reverse("console:rooms", args=[slug]),
        announce=f"{room.code}: {' · '.join(filter(None, (chip.word, chip.more)))}",
        air=chip,
        say_reason=parts.say_reason(facts),
        stream=_stream(job) if running else None,
        channel=_channel(job) if running else None,
        stats=tiles.stats(facts),
        meter=meter_of(job) if job is not None else None,
        job_code=str(job) if job is not None else "",
        job_url=reverse("console:job", args=[slug, job.pk]) if job is not None else "",
        vendor=room.account.name,
        # In a silent room too: it stays where it is, so that a nervous second press is one into silence.
        silence_url=reverse("takeover:silence", args=[slug, room.code]) if speaks and job else "",
        silence_reason="" if speaks else _("Nothing is on air here."),
        restore_url=reverse("takeover:resume", args=[slug, room.code])
        if job and running and job.script_held and not parts.is_paused(job)
        else "",
        start_url="" if running else reverse("jobs:start", args=[slug, room.code]),
        start_reason="" if running else tiles.start_reason(facts),
        stop_dialog=f"#stop-{room.pk}" if job is not None and job.can_stop else "",
        edit_url="" if running else reverse("rooms:edit", args=[slug, room.code]),
        notice=notice,
        notice_tone=notice_tone,
        silence=silence_of(job, room.account.vendor, slug),
        close_url=reverse("takeover:close_job", args=[slug, job.pk]) if job and running and job.missing_since else "",
        clash=_clash(job) if job is not None and facts.air.contradiction else "",
        floor=_floor(facts, slug) if speaks else None,
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


def _floor(facts: RoomFacts, slug: str) -> FloorFact | None:
    floor: Floor | None = getattr(facts.job, "floor", None)
    if floor is None or not is_held(floor, facts.now):
        return None
    return FloorFact(
        holder_id=floor.holder_id,
        holder=floor.holder_label,
        since=floor.since,
        is_open=facts.microphone is not None,
        is_armed=bool(floor.talker),
        asker=floor.asked_label if is_asked(floor, facts.now) else "",
        give_url=reverse("takeover:hand_floor_over", args=[slug, facts.room.code]),
    )


def _clash(job: Job) -> str:
    if job.missing_since is not None:
        return _("Here the job counts as %(state)s, but the vendor does not know it. Talkback goes on asking.") % {
            "state": job.get_state_display()
        }
    state = _("The vendor says ON AIR")
    return _("%(state)s, but the picture to the platform is %(link)s.") % {
        "state": state,
        "link": StreamLink(job.stream_link).label,
    }


def _notice(facts: RoomFacts, slug: str) -> tuple[Said, str]:
    """What to know before acting, and its tone: the vendor's silence, a doubtful start, a refused stop or room."""
    room, job = facts.room, facts.job
    if job is not None and job.error and (job.is_open or is_broken(job)):
        return said(job.error, room.account.vendor, slug), "crit" if is_broken(job) else "warn"
    if room.push_error and (job is None or not job.is_open):
        refused = said(room.push_error, room.account.vendor, slug)
        return replace(refused, text=together(_("The vendor does not hold this room as it is."), refused.text)), "warn"
    if job is None:
        return NOTHING_SAID, ""
    reason = tiles.why(facts, slug)
    return (Said(reason.text), reason.tone) if reason.tone in ("warn", "stale") else (NOTHING_SAID, "")


def stop_dialog(facts: RoomFacts, slug: str) -> StopDialog | None:
    room, job = facts.room, facts.job
    if job is None or not job.can_stop:
        return None
    losses = [(_("The livestream ends for all viewers"), "")]
    if sentences := parts.coming(facts):
        losses.append((_("Sentences that were not heard yet"), str(len(sentences))))
    return StopDialog(
        id=f"stop-{room.pk}",
        title=_("Stop %(code)s %(name)s") % {"code": room.code, "name": room.name},
        losses=tuple(losses),
        viewers=tiles.viewers(facts) if job.viewers else None,
        post_url=reverse("jobs:stop", args=[slug, room.code]),
        verb=_("Stop %(code)s") % {"code": room.code},
        keep=_("Keep %(code)s on air") % {"code": room.code},
        word=room.code,
        ask_reason=True,
        action="stop_job",
    )
