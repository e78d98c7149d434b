"""Which projections follow from which kind of fact. Sockets, polls, callbacks and audience reports all enter here."""

from __future__ import annotations

from dashboard.audience import projection as audience
from dashboard.events.kinds import AUDIENCE, Fact, Kind
from dashboard.events.record import Projection, Projections, Recorded, record_many
from dashboard.jobs import projection as jobs
from dashboard.live.intake.traced import item_moved
from dashboard.takeover import job_moves
from dashboard.takeover import projection as takeover

_JOB_ENDS_OR_MOVES = {Kind.JOB_STATE, Kind.JOB_REFUSED}


def _one(kind: Kind) -> tuple[Projection, ...]:
    if kind in _JOB_ENDS_OR_MOVES:
        return (jobs.apply, job_moves.job_moved)
    if kind == Kind.JOB_SILENCE_SENT:
        return (jobs.apply, job_moves.silence_sent)
    if kind.value.startswith("job."):
        return (jobs.apply,)
    if kind.value.startswith("item."):
        return (takeover.apply, item_moved)
    return ()


PROJECTIONS = Projections(
    one={kind: _one(kind) for kind in Kind if kind not in AUDIENCE},
    batch=dict.fromkeys(AUDIENCE, audience.apply_batch),
)


def accept(*facts: Fact) -> list[Recorded]:
    """Record facts with all that follows from them; see `record_many` for what a failure means."""
    return record_many(facts, PROJECTIONS)
