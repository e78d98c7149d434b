"""Facts about jobs that people cause. What vendors and relays tell is made in live/intake/facts.py."""

from __future__ import annotations

import uuid

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Kind, Nothing, Payload
from dashboard.events.models import Source
from dashboard.events.record import Projections
from dashboard.jobs import projection
from dashboard.jobs.models import Job
from dashboard.lib import clock

PROJECTIONS = Projections(one={kind: (projection.apply,) for kind in Kind if kind.value.startswith("job.")})
_NOTHING = Nothing()


def job_fact(job: Job, kind: Kind, payload: Payload = _NOTHING, *, user: User | None, key: str = "") -> Fact:
    """A fact about `job` as of now. Without a `key` each press is a fact of its own."""
    return Fact(
        kind=kind,
        payload=payload,
        source=Source.OPERATOR,
        dedupe_key=f"{kind}:{job.pk}:{key or uuid.uuid4().hex}",
        at=clock.now(),
        team_id=job.team_id,
        account_id=job.account_id,
        room_id=job.room_id,
        job_id=job.pk,
        actor_id=user.pk if user else None,
    )
