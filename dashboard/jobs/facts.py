"""How a fact about a job is written down, whoever found it out."""

from __future__ import annotations

from datetime import datetime

from dashboard.events.kinds import Fact, Kind, Payload
from dashboard.events.models import Source
from dashboard.jobs.models import Job
from dashboard.lib import clock


def job_fact(
    job: Job,
    kind: Kind,
    payload: Payload,
    *,
    key: str,
    source: Source = Source.VENDOR,
    at: datetime | None = None,
    actor_id: int | None = None,
) -> Fact:
    """A fact about `job`, as of now unless `at` says otherwise. `key` is unique within the job and kind."""
    return Fact(
        kind=kind,
        payload=payload,
        source=source,
        dedupe_key=f"{kind}:{job.pk}:{key}",
        at=at or clock.now(),
        team_id=job.team_id,
        account_id=job.account_id,
        room_id=job.room_id,
        job_id=job.pk,
        actor_id=actor_id,
    )
