"""References of a vendor that nobody claimed: what it plays and we did not send becomes a row *not ours*."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from dashboard.events.kinds import Kind
from dashboard.events.models import Event, EventOutcome
from dashboard.events.record import lock_topic, raise_sequence
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.takeover import strangers

_TELL = (Kind.ITEM_QUEUED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED)
#: Older ones were looked at often enough.
LOOKED_AT_FOR = timedelta(minutes=5)
AT_ONCE = 50


def unclaimed(relay: str) -> int:
    """How many were found to be not ours."""
    now = clock.now()
    mine = Job.objects.filter(IS_OPEN, owner=relay).values("id")
    told = Event.objects.filter(
        outcome=EventOutcome.WAITING,
        kind__in=_TELL,
        job_id__in=mine,
        received_at__lte=now - strangers.patience(),
        received_at__gt=now - LOOKED_AT_FOR,
    )
    found = 0
    for event in list(told.order_by("id")[:AT_ONCE]):
        job = Job.objects.whole(event.job_id or 0)
        with transaction.atomic():
            lock_topic(job.topic)
            event.refresh_from_db()
            if event.outcome == EventOutcome.WAITING and strangers.adopt(event, job) is not None:
                raise_sequence(job.topic)
                found += 1
    return found
