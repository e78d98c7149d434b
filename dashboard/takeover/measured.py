"""What was measured in a room: how fast its voice speaks, and how long it takes from a press until words are heard.

A figure comes from its last `KEPT` samples. Speeds and gaps are medians: one odd sentence moves nothing, a new voice is
learnt in five. A step is the one at a third, since a notice that comes late only adds to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from dashboard.jobs.models import Job
from dashboard.lib.speech import NORMAL, Pace, Units, airtime_ms, count, estimate_ms, sentence_ends_ms
from dashboard.rooms.models import Room
from dashboard.takeover.eta import ASSUMED, FIRST_MS, GAP_MS, SENT_MS, Steps, let_go_at
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.states import Mode, Source, TakeoverState
from dashboard.vendors.models import VendorKind

KEPT = 9
#: A sentence tells the speed of a language that makes up this share of it.
MOSTLY = 0.7
#: A shorter one is more beginning and end than speech.
SHORTEST_MS = 1500
#: What lies outside is no voice, but a cut nobody told of or a late notice. A rehearsal may run 16 times as fast.
SLOWEST, FASTEST = 0.3, 25.0
#: A sentence that took longer to begin waited for something else than the vendor's voice.
LONGEST_STEP_MS = 8_000
LONGEST_GAP_MS = 2_500
#: Where between the bounds that were seen a step is taken to be.
BETWEEN = 0.75
#: The end of a sentence is reckoned that well.
DOOR_MS = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """`count`: how many sentences it was measured on; 0: nothing was measured, all is assumed."""

    pace: Pace = NORMAL
    steps: Steps = ASSUMED
    count: int = 0


def measured(room: Room) -> Measured:
    samples = _samples(room)
    han, words = _middle(samples, "han"), _middle(samples, "words")
    sent, now, gap = _third(samples, "sent_ms"), _third(samples, "now_ms"), _middle(samples, "gap_ms")
    first = _third(samples, "idle_ms") or now
    if first is None or first > min(samples.get("most_ms", []), default=first):
        first = _between(samples, sent)
    return Measured(
        # A language that was not heard yet is taken to go as fast as the other.
        pace=Pace(han=han or words or 1.0, words=words or han or 1.0),
        steps=Steps(
            sent_ms=round(min(first, SENT_MS if sent is None else sent)),
            now_ms=round(now or first),
            idle_ms=round(first),
            gap_ms=GAP_MS if gap is None else round(gap),
        ),
        count=len(samples.get("han", [])) + len(samples.get("words", [])),
    )


def _between(samples: dict[str, list[float]], sent: float | None) -> float:
    """The first sound before any silence or *now* told it: what is assumed, unless what was heard says otherwise.

    A bound that was seen is seldom met, so what lies between two is taken at three quarters.
    """
    assumed = FIRST_MS if sent is None else sent + FIRST_MS - SENT_MS
    most = min(samples.get("most_ms", []), default=None)
    least = max([sent or 0.0, *samples.get("least_ms", [])])
    if most is None:
        return max(assumed, least)
    if least >= most:  # one of them was told late
        return min(assumed, most)
    return assumed if least < assumed < most else least + (most - least) * BETWEEN


def estimate_of(room: Room, text: str) -> int:
    """Milliseconds of airtime for `text` in this room's voice."""
    return estimate_ms(text, measured(room).pace)


def voice_of(room: Room) -> str:
    """What a measured speed belongs to: another voice, or the same at another speed, is measured anew."""
    return ":".join(str(room.config.get(name) or "") for name in ("file_id", "voice_asset_id", "speed"))[:200]


# ------------------------------------------------------------------------------------------------------------ measuring


def on_taken(item: Takeover, at: datetime) -> None:
    """The vendor says that it has the words."""
    if _is_a_wish(item) and 0 <= (waited := _ms(at - _left_at(item))) <= LONGEST_STEP_MS:
        _keep(item.job, sent_ms=waited)


def on_started(item: Takeover, at: datetime) -> None:
    """Words of a person or rule are heard: how long that took, where nothing but the vendor was waited for."""
    if not _is_a_wish(item):
        return
    let_go = let_go_at(item)
    waited = _ms(at - let_go)
    if item.mode == Mode.NOW:
        if waited <= LONGEST_STEP_MS:
            _keep(item.job, now_ms=waited)
        return
    figures = _since_before(item, at, waited)
    if item.kind == Kind.TEXT:
        figures |= _bounds(item, at)
    if figures:
        _keep(item.job, **figures)


def _bounds(item: Takeover, at: datetime) -> dict[str, float]:
    """Whatever else it waited for, its sound was there when it began (most_ms), and not yet where it let the end of a
    sentence go by (least_ms)."""
    left = _left_at(item)
    most = _ms(at - left)
    bounds = (
        {"most_ms": most} if 0 < most <= 2 * FIRST_MS else {}
    )  # a later one says nothing, and would push out others
    passed = [door for door in _script_doors(item, at) if left < door <= at + timedelta(milliseconds=DOOR_MS)]
    if len(passed) > 1 and (least := _ms(passed[-2] - left) - DOOR_MS) > 0:
        bounds["least_ms"] = least
    return bounds


def _script_doors(item: Takeover, at: datetime) -> list[datetime]:
    """Where MetaStudio's own script could be left in the paragraph it is at: its beginning and its sentences' ends.

    None where somebody spoke since it began: the script was left before them.
    """
    job = item.job
    if job.account.vendor != VendorKind.METASTUDIO or job.script_held:
        return []
    if job.script_at is None or job.script_no is None:
        return []
    others = Takeover.objects.filter(job=job, started_at__gte=job.script_at, started_at__lte=at).exclude(pk=item.pk)
    if others.exists():
        return []
    spoken = job.script.filter(no=job.script_no).first()
    ends = sentence_ends_ms(spoken.text, measured(job.room).pace) if spoken is not None else []
    return [job.script_at, *(job.script_at + timedelta(milliseconds=end) for end in ends)]


def _since_before(item: Takeover, at: datetime, waited: float) -> dict[str, float]:
    """The step behind what was heard before, as gap_ms or idle_ms; nothing where it can't be told."""
    let_go = let_go_at(item)
    before = (
        Takeover.objects.filter(job_id=item.job_id, started_at__lt=at)
        .exclude(pk=item.pk)
        .order_by("-started_at")
        .first()
    )
    if before is None or before.finished_at is None:
        return {}  # the notice of its end may be under way still: there was no silence
    ready = let_go + timedelta(milliseconds=2 * measured(item.job.room).steps.idle_ms)
    if before.finished_at > ready:
        # Its sound was there long before: what is left is the step from one end to the next start.
        gap = _ms(at - before.finished_at)
        return {"gap_ms": gap} if 0 <= gap <= LONGEST_GAP_MS else {}
    if before.finished_at <= let_go and _plays_nothing_else(item.job) and waited <= LONGEST_STEP_MS:
        return {"idle_ms": waited}
    return {}


def _left_at(item: Takeover) -> datetime:
    """When it was under way: what was held back for others, from its release."""
    return max(filter(None, (let_go_at(item), item.released_at)))


def _is_a_wish(item: Takeover) -> bool:
    """Words that somebody waits for, and whose way was plain."""
    is_ours = item.source not in (Source.SCRIPT, Source.FOREIGN)
    return is_ours and item.kind != Kind.VOICE and item.timeout_at is None


def on_finished(item: Takeover) -> None:
    """A sentence was heard from its beginning to its end: how fast that was."""
    if not _was_whole(item) or item.started_at is None or item.finished_at is None:
        return
    units = count(item.text)
    nominal, heard = airtime_ms(units), _ms(item.finished_at - item.started_at)
    if nominal < SHORTEST_MS or heard <= 0:
        return
    speed = (nominal - units.break_s * 1000) / max(1.0, heard - units.break_s * 1000)
    language = _language(units)
    if language and SLOWEST <= speed <= FASTEST:
        _keep(item.job, **{language: speed})


def _was_whole(item: Takeover) -> bool:
    """Heard, and neither cut, cancelled, paused nor marked by hand."""
    if item.state != TakeoverState.DONE or item.marked_spoken_at is not None or item.source == Source.FOREIGN:
        return False
    if item.was_asked_to_end:
        return False
    silenced = item.job.silenced_at
    if silenced is not None and item.started_at is not None and silenced >= item.started_at:
        return False
    return item.kind == Kind.TEXT  # tags may hurry or slow the voice


def _language(units: Units) -> str:
    spoken = units.han_s + units.words_s
    if spoken and units.han_s >= MOSTLY * spoken:
        return "han"
    return "words" if spoken and units.words_s >= MOSTLY * spoken else ""


def _plays_nothing_else(job: Job) -> bool:
    """Silence before it was silence: on MetaStudio a script that is not held speaks, and nobody tells where it ends."""
    return job.script_held or job.account.vendor == VendorKind.SOFTSUGAR


def _keep(job: Job, **figures: float) -> None:
    """One more sample of each figure. The room's sequence is locked, so `job.room` is as the database has it."""
    room, samples = job.room, _samples(job.room)
    for name, value in figures.items():
        samples[name] = [*samples.get(name, []), round(value, 3)][-KEPT:]
    room.measured = {"voice": voice_of(room), "samples": samples}
    Room.objects.filter(pk=room.pk).update(measured=room.measured)


def _samples(room: Room) -> dict[str, list[float]]:
    """By figure: han, words (times as fast as an unhurried host), sent_ms, now_ms, idle_ms, gap_ms; most_ms and
    least_ms are no steps but what idle_ms can't be above, or below."""
    kept = room.measured
    return dict(kept["samples"]) if kept and kept["voice"] == voice_of(room) else {}


def _middle(samples: dict[str, list[float]], name: str) -> float | None:
    return median(samples[name]) if samples.get(name) else None


def _third(samples: dict[str, list[float]], name: str) -> float | None:
    ordered = sorted(samples.get(name, []))
    return ordered[(len(ordered) - 1) // 3] if ordered else None


def _ms(length: timedelta) -> float:
    return length.total_seconds() * 1000
