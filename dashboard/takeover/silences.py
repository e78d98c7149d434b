"""When a silence took hold, from evidence alone, and what it could not do. See docs/live.md.

SoftSugar: when the last item asked for before the press has ended. MetaStudio over its channel: when the vendor says
paused. Without the channel nobody reports the end: the vendor's taking of the silent clip is all there is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState
from dashboard.takeover import commands, release
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.script import plays_for
from dashboard.takeover.states import AT_VENDOR, SILENCED, Source, TakeoverState

#: Presses of silence that are so close mean one; a later one asks the vendor again.
SAME_PRESS = timedelta(seconds=2)


class Way(StrEnum):
    """How a job is silenced: our player stops and the vendor cancels, the vendor pauses, or a silent clip cuts in."""

    PLAYER = "player"
    CHANNEL = "channel"
    CLIP = "clip"


class Gap(StrEnum):
    """What viewers may still hear although the room was silenced."""

    SCRIPT_GOES_ON = "script_goes_on"
    NO_CLIP = "no_clip"
    HANDED_OVER = "handed_over"
    UNKNOWN = "unknown"


def gaps_of(job: Job) -> list[Gap]:
    """What a silence of `job` pressed now can't do."""
    found = []
    if way_of(job) == Way.CLIP:
        has_clip = bool(job.account.capabilities.get("silent_clip_url"))
        found.append(Gap.SCRIPT_GOES_ON if has_clip else Gap.NO_CLIP)
    open_items = Takeover.objects.filter(IS_OPEN, job=job, started_at=None)
    handed = open_items.filter(claimed_at__isnull=False, timeout_at=None)
    if release.holds_back(job) and not commands.can_drop(job) and handed.exists():
        found.append(Gap.HANDED_OVER)
    if open_items.filter(state=TakeoverState.UNKNOWN).exists():
        found.append(Gap.UNKNOWN)
    return found


def mark_cancelled(job: Job) -> int:
    """Write down at what a silence pressed now cancels that it is the reason; how many sentences that are.

    What MetaStudio has already stays there, unless the account can drop what waits.
    """
    cut = Q(claimed_at=None) | Q(kind=Kind.VOICE)
    if way_of(job) == Way.PLAYER:
        cut = Q()
    elif commands.can_drop(job):
        cut |= Q(started_at=None)
    items = Takeover.objects.filter(IS_OPEN, cut, job=job, cancel_requested_at=None)
    return items.exclude(source=Source.SCRIPT).exclude(state=TakeoverState.UNKNOWN).update(reason=SILENCED)


def way_of(job: Job) -> Way:
    if plays_for(job):
        return Way.PLAYER
    return Way.CHANNEL if release.has_channel(job) else Way.CLIP


def is_complete(job: Job) -> bool:
    """Whether the room fell silent after an earlier press, and nothing has been asked for since."""
    if job.silenced_at is None or job.silent_at is None or not job.script_held or job.silence_error is not None:
        return False
    return not Takeover.objects.filter(IS_OPEN, job=job).exclude(state=TakeoverState.UNKNOWN).exists()


def is_under_way(job: Job, now: datetime) -> bool:
    """Whether it was asked for a moment ago and nothing was said since: a second press in haste is the same one."""
    if job.silenced_at is None or job.silenced_at < now - SAME_PRESS or job.silence_error is not None:
        return False
    return not Takeover.objects.filter(IS_OPEN, job=job, requested_at__gt=job.silenced_at).exists()


def note(job: Job) -> None:
    """Write down since when the silenced `job` is silent, as far as the evidence goes. The topic is locked."""
    if job.silenced_at is None:
        return
    at = _reached(job, job.silenced_at)
    if at != job.silent_at and way_of(job) != Way.CLIP:
        Job.objects.filter(pk=job.pk).update(silent_at=at)
        job.silent_at = at


def clip_taken(job: Job, at: datetime) -> None:
    """The vendor took the silent clip of a job whose script nobody can hold."""
    if job.silenced_at is not None and job.silent_at is None and way_of(job) == Way.CLIP:
        Job.objects.filter(pk=job.pk).update(silent_at=at)


def _reached(job: Job, pressed_at: datetime) -> datetime | None:
    if not plays_for(job):
        return max(job.state_at, pressed_at) if JobState(job.state) == JobState.PAUSED else None
    ended_since = Q(finished_at__gte=pressed_at) | Q(cancel_ok_at__gte=pressed_at) | Q(failed_at__gte=pressed_at)
    asked_before = Takeover.objects.filter(Q(IS_OPEN) | ended_since, job=job, requested_at__lte=pressed_at)
    ends = [pressed_at]
    for item in asked_before:
        if item.state == TakeoverState.UNKNOWN:
            if item.started_at is not None and item.left_at is not None:
                ends.append(item.left_at)  # its job's end silenced it at the latest
            continue  # may be heard or not: said as a gap, not waited for
        if TakeoverState(item.state) in AT_VENDOR:
            return None
        if item.started_at is not None:
            ends.append(min(filter(None, (item.finished_at, item.cancel_ok_at, item.failed_at)), default=pressed_at))
    return max(ends)
