"""What viewers get, a pure function of a job, what plays, and the video's link. See docs/screens.md."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboard.jobs.states import JobState, StreamLink


class AirState(models.TextChoices):
    OFF = "off", _("OFF")
    PREPARING = "preparing", _("PREPARING")
    READY = "ready", _("READY")
    ON_AIR = "onair", _("ON AIR")
    PAUSED = "paused", _("PAUSED")
    TALKBACK = "talkback", _("TALKBACK")
    ENDING = "ending", _("ENDING")
    ENDED = "ended", _("ENDED")
    FAILED = "failed", _("FAILED")
    BLOCKED = "blocked", _("BLOCKED")
    UNKNOWN = "unknown", pgettext_lazy("air", "UNKNOWN")


_BY_JOB = {
    JobState.PLANNED: AirState.OFF,
    JobState.STARTING: AirState.PREPARING,
    JobState.READY: AirState.READY,
    JobState.LIVE: AirState.ON_AIR,
    JobState.PAUSED: AirState.PAUSED,
    JobState.TAKEN_OVER: AirState.TALKBACK,
    JobState.STOPPING: AirState.ENDING,
    JobState.ENDED: AirState.ENDED,
    JobState.FAILED: AirState.FAILED,
    JobState.LOST: AirState.FAILED,
    JobState.BLOCKED: AirState.BLOCKED,
    JobState.UNKNOWN: AirState.UNKNOWN,
}

#: States that fill their chip wherever they stand: they are the exception that must be seen.
LOUD = frozenset({AirState.TALKBACK, AirState.FAILED, AirState.BLOCKED, AirState.UNKNOWN})
IDLE = frozenset({AirState.OFF, AirState.ENDED})
ENDS = frozenset({AirState.ENDED, AirState.FAILED, AirState.BLOCKED})


@dataclass(frozen=True, slots=True)
class Air:
    state: AirState
    #: The video to the platform is down while the vendor says the room is on air, or the vendor has no such job.
    contradiction: bool = False


def air(
    job_state: str | None,
    *,
    person_speaks: bool = False,
    into_pause: bool = False,
    stream_link: str = StreamLink.NOT_REPORTED,
    is_missing: bool = False,
) -> Air:
    """`job_state` is None where the room has no job. `person_speaks`: a person's sentence is reported as playing.

    `is_missing`: asked for the job, its vendor has no such thing.
    `into_pause`: it began after the pause, so it is heard. What a pause cut is reported as playing, too, and is not.
    """
    if job_state is None:
        return Air(AirState.OFF)
    state = _BY_JOB[JobState(job_state)]
    if person_speaks and (state == AirState.ON_AIR or (state == AirState.PAUSED and into_pause)):
        state = AirState.TALKBACK
    on_air = state in (AirState.ON_AIR, AirState.TALKBACK, AirState.PAUSED)
    is_dark = on_air and stream_link in (StreamLink.DOWN, StreamLink.ENDED)
    return Air(state, contradiction=is_dark or (is_missing and state not in ENDS))
