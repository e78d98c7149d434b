"""How open microphones are let go: by a floor that moved, by a vendor that tells no end."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.events.kinds import Kind
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.takeover import commands, release
from dashboard.takeover.decisions import PROJECTIONS
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover


def end_all(job: Job, now: datetime) -> None:
    """Whoever spoke here does no longer."""
    for item in commands.open_voices(job).select_related("job__account", "job__room"):
        look_after(item, now)


def look_after(item: Takeover, now: datetime) -> None:
    """What never left is over. What did is over or unknown soon, unless the vendor tells its end before."""
    if item.claimed_at is None:
        record_many([item_fact(item, Kind.ITEM_CANCELLED)], PROJECTIONS)
        return
    Takeover.objects.filter(pk=item.pk).update(due_at=now + timedelta(seconds=release.GRACE_S))
