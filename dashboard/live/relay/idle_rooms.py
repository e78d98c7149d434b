"""Rooms in which something should be said and nothing moves: a lost wake-up must hold no sentence."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from dashboard.events.record import lock_topic
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.states import CAN_SPEAK, JobState
from dashboard.lib import clock
from dashboard.takeover import release, script
from dashboard.takeover.models import IS_OPEN as ITEM_IS_OPEN
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors.models import VendorKind


def quiet_scripts(relay: str) -> int:
    """Rooms on air in which our player should speak and nothing plays or waits."""
    now = clock.now()
    # What its author or a second person still holds may never be said: the script does not wait for it.
    idle = (TakeoverState.UNKNOWN, TakeoverState.HELD, TakeoverState.AWAITING_APPROVAL)
    busy = Takeover.objects.filter(ITEM_IS_OPEN, job=OuterRef("pk")).exclude(state__in=idle)
    jobs = (
        Job.objects.filter(
            IS_OPEN,
            owner=relay,
            account__vendor=VendorKind.SOFTSUGAR,
            state__in=(JobState.LIVE, JobState.TAKEN_OVER),
            script_held=False,
        )
        .filter(~Exists(busy))
        .select_related("account", "room")
    )
    made = 0
    for job in jobs:
        with transaction.atomic():
            lock_topic(job.topic)
            job.refresh_from_db()
            if script.is_quiet(job, now) and script.play_next(job, now=now) is not None:
                made += 1
    return made


def held_back(relay: str) -> int:
    """MetaStudio items that wait although the slot may be free."""
    waiting = Takeover.objects.filter(job=OuterRef("pk"), state=TakeoverState.WAITING, released_at=None)
    jobs = (
        Job.objects.filter(owner=relay, account__vendor=VendorKind.METASTUDIO, state__in=sorted(CAN_SPEAK))
        .filter(Exists(waiting))
        .select_related("account", "room")
    )
    released = 0
    for job in jobs:
        with transaction.atomic():
            lock_topic(job.topic)
            job.refresh_from_db()
            released += release.release(job)
    return released
