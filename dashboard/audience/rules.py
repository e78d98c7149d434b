"""Pure: whether a rule's answer may be said now, and why not. See docs/rules.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.audience.states import Cause, Outcome
from dashboard.jobs.states import JobState
from dashboard.rooms.rules.model import Decision, Reply, Why

StillMine = Callable[[], bool]
"""Whether the relay that decides still keeps the job: asked under the room's lock."""

#: A reply is worth hearing this long after the event it answers, in seconds.
USEFUL_S = 60.0
#: With so many words of people and rules waiting, a rule's own are not asked for.
MOST_AHEAD = 3

_SILENT = {
    JobState.PAUSED: Cause.PAUSED,
    JobState.TAKEN_OVER: Cause.FLOOR,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a room is at the moment in which a rule wants to speak.

    `age_s`: since the event came in. `wait_s`: until its words would be heard, behind all that waits.
    """

    state: JobState
    is_silenced: bool
    age_s: float
    ahead: int
    wait_s: float
    is_claimed: bool = False


def hindrance(standing: Standing) -> tuple[Outcome, Cause] | None:
    """What keeps the words back; None where nothing does. A rule never speaks into a silence, nor before people."""
    if standing.is_silenced:
        return Outcome.SUPPRESSED, Cause.SILENCED
    if standing.state != JobState.LIVE:
        return Outcome.SUPPRESSED, _SILENT.get(standing.state, Cause.NOT_ON_AIR)
    if standing.is_claimed:
        return Outcome.LOST, Cause.CLAIMED
    if standing.age_s + standing.wait_s > USEFUL_S:
        return Outcome.LOST, Cause.LATE
    if standing.ahead >= MOST_AHEAD:
        return Outcome.LOST, Cause.QUEUE
    return None


def outcome_of(decision: Decision, *, is_silenced: bool = False) -> tuple[Outcome, Cause] | None:
    """What the rules alone say of one event; None where none of them holds.

    In a silence no words are left to the next round: it may be over by then.
    """
    if decision.place is not None:
        if is_silenced:
            return Outcome.SUPPRESSED, Cause.SILENCED
        return _of_reply(decision.reply)
    quiet = [verdict for verdict in decision.verdicts if verdict.why == Why.SUPPRESSED]
    if not quiet:
        return None
    return Outcome.SUPPRESSED, Cause.ONCE if quiet[0].until_s is None else Cause.WINDOW


def _of_reply(reply: Reply | None) -> tuple[Outcome, Cause]:
    if reply is not None and reply.text:
        return Outcome.MADE, Cause.NONE
    return Outcome.REFUSED, Cause.RECORDING if reply is not None and reply.audio_url else Cause.WORDLESS
