"""What nobody would understand any more is not said: items whose useful time has passed before they were heard."""

from __future__ import annotations

from dashboard.lib import clock
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.services.expire import expire

AT_ONCE = 50


def expire_items(relay: str) -> None:
    waiting = Takeover.objects.filter(IS_OPEN, job__owner=relay, started_at=None, cancel_requested_at=None)
    useless = waiting.filter(useful_until__lte=clock.now()).select_related("job__account", "job__room")
    for item in useless[:AT_ONCE]:
        expire(item)
