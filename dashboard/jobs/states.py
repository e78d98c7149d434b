"""The states of a job, what they are called, and which follow from what. Pure."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class JobState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    STARTING = "starting", _("Starting")
    READY = "ready", _("Ready")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    TAKEN_OVER = "taken_over", _("Taken over")
    STOPPING = "stopping", _("Stopping")
    ENDED = "ended", _("Ended")
    FAILED = "failed", _("Failed")
    BLOCKED = "blocked", _("Blocked")
    LOST = "lost", _("Lost")
    UNKNOWN = "unknown", pgettext_lazy("air", "Unknown")


END_STATES = frozenset({JobState.ENDED, JobState.FAILED, JobState.BLOCKED, JobState.LOST})
OPEN_STATES = frozenset(JobState) - END_STATES
ON_AIR = frozenset({JobState.LIVE, JobState.PAUSED, JobState.TAKEN_OVER})
#: States in which words may be sent to the vendor.
CAN_SPEAK = frozenset({JobState.READY, JobState.LIVE, JobState.TAKEN_OVER, JobState.PAUSED})
CAN_STOP = frozenset({JobState.STARTING, JobState.READY, JobState.UNKNOWN}) | ON_AIR

#: When two ends are told, the worse one is shown.
END_WEIGHT = {JobState.BLOCKED: 4, JobState.FAILED: 3, JobState.LOST: 2, JobState.ENDED: 1}

#: How far along a job is. Two reports of one instant can't tell their order by time; the later phase wins.
PHASE = {
    JobState.PLANNED: 0,
    JobState.STARTING: 1,
    JobState.UNKNOWN: 1,
    JobState.READY: 2,
    JobState.LIVE: 3,
    JobState.PAUSED: 3,
    JobState.TAKEN_OVER: 3,
    JobState.STOPPING: 4,
    JobState.ENDED: 5,
    JobState.LOST: 5,
    JobState.FAILED: 5,
    JobState.BLOCKED: 5,
}

#: Of two words of one phase the more particular one.
_PARTICULAR = {JobState.PAUSED: 1, JobState.TAKEN_OVER: 2}


def order(state: JobState) -> tuple[int, int]:
    """Which of two states that were told for the same instant is the later one."""
    return PHASE[state], _PARTICULAR.get(state, 0)


_FROM_VENDOR = {
    "preparing": JobState.STARTING,
    "ready": JobState.READY,
    "live": JobState.LIVE,
    "paused": JobState.PAUSED,
    "taken_over": JobState.TAKEN_OVER,
    "ended": JobState.ENDED,
    "lost": JobState.LOST,
    "failed": JobState.FAILED,
    "blocked": JobState.BLOCKED,
}


def told(says: str) -> JobState:
    """The job state that a vendor's word (`port.JobSays`) stands for."""
    return _FROM_VENDOR[says]


def follows(current: JobState, reported: JobState) -> bool:
    """Whether a report that is not older than the current state changes it.

    `starting` and `stopping` are our own words: a vendor's "preparing" never pulls a job back from ready or live, and
    only an end closes a stop.
    """
    if current in END_STATES:
        return reported in END_STATES and END_WEIGHT[reported] > END_WEIGHT[current]
    if reported in END_STATES:
        return True
    if current == JobState.STOPPING:
        return False
    if reported == JobState.STARTING:
        return current in (JobState.PLANNED, JobState.UNKNOWN)
    return reported != current


class Link(models.TextChoices):
    """A kept-alive connection of ours: the takeover socket or the command channel."""

    NONE = "none", _("not offered")
    CONNECTING = "connecting", _("connecting")
    UP = "up", _("up")
    STALE = "stale", _("stale")
    DOWN = "down", _("down")


class StreamLink(models.TextChoices):
    """The video on its way to the platform, as the vendor tells it."""

    NOT_REPORTED = "not_reported", _("not reported")
    CONNECTING = "connecting", _("connecting")
    UP = "up", _("up")
    RECONNECTING = "reconnecting", _("reconnecting")
    DOWN = "down", _("down")
    ENDED = "ended", _("ended")


class Rung(models.IntegerChoices):
    """How good the evidence for a state is."""

    REQUESTED = 1, _("requested")
    ACCEPTED = 2, _("accepted")
    REPORTED = 3, _("reported")
    OBSERVED = 4, _("observed")


class ChangeKind(models.TextChoices):
    """What of a running job people change."""

    SCRIPT = "script", _("script")
    RULES = "rules", _("rules")
    OUTPUT = "output", _("where the stream goes")
    LAYER = "layer", _("layer")
    PRELOAD = "preload", _("material loaded ahead")


class ChangeState(models.TextChoices):
    ASKED = "asked", _("Asked")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    #: The vendor did not answer; its own record of the job settles it, where it has one.
    UNKNOWN = "unknown", _("Unknown")
    #: Asked without an answer, and the vendor's record shows that it never arrived; or the job ended first.
    LOST = "lost", _("Not carried out")
