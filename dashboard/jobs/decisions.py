"""What people decide about jobs, as facts, and what follows from these."""

from __future__ import annotations

import uuid

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Kind, Nothing, Payload
from dashboard.events.models import Source
from dashboard.events.record import Projections
from dashboard.jobs import projection
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job

PROJECTIONS = Projections(one={kind: (projection.apply,) for kind in Kind if kind.value.startswith("job.")})
_NOTHING = Nothing()


def decided(job: Job, kind: Kind, payload: Payload = _NOTHING, *, user: User | None, key: str = "") -> Fact:
    """A person's decision about `job`, now. Without a `key` each press is a fact of its own."""
    actor_id = user.pk if user else None
    return job_fact(job, kind, payload, key=key or uuid.uuid4().hex, source=Source.OPERATOR, actor_id=actor_id)
