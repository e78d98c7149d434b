"""Small view objects that several fragments share: chips, ages, words heard. Pure: made from `RoomFacts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboard.console.facts import POLLED_LIMITS, RoomFacts, is_broken
from dashboard.jobs.air import LOUD, AirState
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState, Link, StreamLink
from dashboard.takeover.eta import is_coming
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.script import plays_for
from dashboard.takeover.states import Source, TakeoverState, voice_of


@dataclass(frozen=True, slots=True)
class AirChip:
    state: str
    word: str
    fill: bool
    big: bool
    rung: int | None
    rung_word: str
    at: datetime | None
    fresh: str
    source: str
    limits: str = POLLED_LIMITS
    #: The job is over: its last state is a fact with a time, and does not grow old.
    settled: bool = False
    #: On air and silent by our press: another glyph and outline than a room that speaks, and a word behind the state.
    line: bool = False
    glyph: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What viewers hear: `voice` is avatar, human, none, unknown or "" (nothing runs)."""

    voice: str
    words: str
    lang: str
    is_speech: bool
    source: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    src: str
    drawing: int | None


def air_chip(facts: RoomFacts, *, big: bool = False) -> AirChip:
    job, state = facts.job, facts.air.state
    may_be = state in (AirState.ON_AIR, AirState.PAUSED) and facts.playing is None
    silent = may_be and job is not None and is_silent(job)
    return AirChip(
        state=str(state),
        word=str(AirState(state).label),
        fill=(big or state in LOUD) and not silent,
        big=big,
        rung=job.rung if job is not None and state not in (AirState.OFF, AirState.ENDED) else None,
        rung_word=job.get_rung_display() if job is not None else "",
        at=facts.evidence_at,
        fresh=facts.evidence_from,
        source=facts.room.account.name,
        settled=job is not None and not job.is_open,
        line=silent,
        glyph="paused" if silent else "",
        more=(_("silent by intent") if big else pgettext("room", "silent")) if silent else "",
    )


def cover(facts: RoomFacts) -> Cover:
    return Cover(src="", drawing=facts.room.cover % 12)


def heard(facts: RoomFacts) -> Heard:
    """What viewers hear now, in the order of certainty."""
    job, lang = facts.job, facts.room.language
    if job is None or not job.is_open:
        return Heard("", _ended_words(facts), "", is_speech=False)
    if JobState(job.state) == JobState.UNKNOWN:
        return Heard("unknown", _("Not known: the vendor did not answer the start."), "", is_speech=False)
    if JobState(job.state) == JobState.PAUSED and is_silent(job) and not facts.speaks_into_pause:
        return _silent(job)
    if facts.playing is not None:
        return _speaking(facts.playing, lang)
    if is_silent(job):
        return _silent(job)
    if facts.paragraph is not None and job.is_on_air:
        source = _("script, paragraph %(no)d") % {"no": facts.paragraph.no}
        if job.runs_vendor_rules:
            source = _("%(source)s, or a reply by the vendor's rules") % {"source": source}
        return Heard("avatar", facts.paragraph.text, lang, is_speech=True, source=source, from_at=job.script_at)
    if job.is_on_air:
        return Heard("none", _("Nobody speaks."), "", is_speech=False)
    return Heard("none", _BEFORE_AIR.get(JobState(job.state), lambda: "")(), "", is_speech=False)


def _silent(job: Job) -> Heard:
    words = _("The script is paused.") if is_paused(job) else _("Silent by intent.")
    return Heard("none", words, "", is_speech=False, from_at=_silent_from(job))


def _silent_from(job: Job) -> datetime | None:
    """Since when nobody is heard, where somebody told; else since when it was asked for."""
    paused_at = job.script_paused_at
    if job.silenced_at is None and paused_at is not None and JobState(job.state) == JobState.PAUSED:
        return max(paused_at, job.state_at)
    return job.silent_at or job.silenced_at or paused_at


def others_speak(facts: RoomFacts) -> bool:
    """Something else than the script is heard: a person's words, or a rule's."""
    return facts.playing is not None and facts.playing.source != Source.SCRIPT


def heard_whole(facts: RoomFacts) -> int:
    """While the script stands: the paragraph up to which all was heard to its end, so that it waits for nothing."""
    job, last = facts.job, facts.last_play
    if job is None or not job.is_open or not (others_speak(facts) or is_silent(job)):
        return 0
    is_whole = last is not None and last.state == TakeoverState.DONE and last.first_no == job.script_no
    return last.last_no or 0 if last is not None and is_whole else 0


def is_paused(job: Job) -> bool:
    """The script alone: what people say is still heard."""
    return job.script_paused_at is not None and job.silenced_at is None


def is_held(job: Job) -> bool:
    """The script is held by a silence, not by its own pause."""
    return job.script_held and not is_paused(job)


def say_reason(facts: RoomFacts) -> str:
    """Why nobody can say anything here now, or "" where they can."""
    if facts.job is not None and facts.job.can_speak:
        return ""
    state = AirState(facts.air.state).label
    return _("%(code)s is not on air (%(state)s). Your draft is kept.") % {"code": facts.room.code, "state": state}


def is_silent(job: Job) -> bool:
    """Silent by intent, as told: our player sends nothing and nothing plays, or the vendor says paused."""
    if (job.silenced_at or job.script_paused_at) is None or not job.script_held:
        return False
    return plays_for(job) or JobState(job.state) == JobState.PAUSED


_BEFORE_AIR = {
    JobState.STARTING: lambda: _("The vendor loads the room."),
    JobState.READY: lambda: _("Loaded, silent, waits for its start."),
    JobState.STOPPING: lambda: _("Asked to stop; the vendor has not confirmed yet."),
}


def _speaking(item: Takeover, lang: str) -> Heard:
    if item.source == Source.SCRIPT:
        source = _("script, paragraph %(no)d") % {"no": item.first_no or 0}
    elif item.source == Source.RULE:
        source = _("rule %(rule)s") % {"rule": item.author_label} + f" · {item}"
    else:
        source = f"{item.author_label or Source(item.source).label} · {item}"
    is_voice = item.kind == Kind.VOICE  # without words, and without an end that could be known
    to_at = item.started_at + timedelta(milliseconds=item.estimate_ms) if item.started_at and not is_voice else None
    return Heard(
        voice=voice_of(item.source),
        words=item.words,
        lang="" if is_voice else lang,
        is_speech=True,
        source=source,
        from_at=item.started_at,
        to_at=to_at,
    )


def _ended_words(facts: RoomFacts) -> str:
    job = facts.job
    if job is None:
        return _("Not on air.")
    if is_broken(job) and job.live_at is None:
        return _("Nothing: the room did not get on air.")
    return _("Nothing: the room went off the air against our will.") if is_broken(job) else _("Ended.")


def broken_words(job: Job) -> str:
    """Why a job ended against our will, where the vendor gave no words of its own."""
    if JobState(job.state) == JobState.BLOCKED:
        return _("Stopped by the vendor's content review.")
    return _("The vendor closed the room: no heartbeat, or the network was cut.")


def rtc_words(job: Job) -> str:
    """What is wrong with the picture's own RTC token, an alarm or not; empty while it holds or is renewed."""
    if job.rtc_expired_at is not None:
        return _("The picture's RTC token has expired")
    if job.rtc_is_alarm:
        return _("RTC token ends in 30 s, not renewed")
    return _("RTC token not renewed, ends soon") if job.rtc_refused_at is not None else ""


def coming(facts: RoomFacts) -> tuple[Takeover, ...]:
    """What waits and will be heard: of one of unknown outcome, or not approved, nobody can promise that."""
    return tuple(item for item in facts.waiting if is_coming(item))


def next_words(facts: RoomFacts) -> str:
    """What viewers hear next, in a few words."""
    if sentences := coming(facts):
        first = sentences[0].words
        if len(sentences) == 1:
            return first
        return _("%(words)s · %(count)d queued") % {"words": first[:40], "count": len(sentences)}
    job = facts.job
    if job is None or not job.is_on_air:
        return ""
    if is_paused(job):
        return _("the script is paused; it goes on with %(words)s") % {"words": following_words(facts)}
    if job.script_held:
        return _("silent until you let the host speak again")
    return following_words(facts)


def following_words(facts: RoomFacts) -> str:
    """Where the script goes on when nobody speaks."""
    if facts.following is not None:
        return _("script, paragraph %(no)d") % {"no": facts.following.no}
    if facts.job is not None and not facts.job.script_no:
        return _("script")
    return _("script, from the beginning") if facts.room.repeat_script else _("nothing: the script has ended")


def reached(facts: RoomFacts, job: Job) -> int:
    """Up to which paragraph this loop is over, as far as is seen here: our player is one ahead."""
    playing = facts.playing
    if facts.ahead is not None:
        return facts.ahead.last_no or 0
    if playing is not None and playing.source == Source.SCRIPT:
        return playing.last_no or 0
    return job.script_no or 0


def spoken(facts: RoomFacts, job: Job) -> str:
    """The numbers of the paragraphs whose words can't be changed since they are being spoken."""
    playing, total = facts.playing, len(job.script.all())
    if not plays_for(job):
        return str(job.script_no or "")
    if playing is None or playing.source != Source.SCRIPT:
        return ""
    numbers = range(playing.first_no or 1, (playing.last_no or 0) + 1)
    return "" if facts.room.repeat_script and len(numbers) == total else " ".join(map(str, numbers))


def link_word(job: Job) -> str:
    return str(StreamLink(job.stream_link).label)


def control_link_word(job: Job) -> str:
    return str(Link(job.link).label)
