"""Items whose estimated time passed without a word about them."""

from __future__ import annotations

from django.db import transaction

from dashboard.events.kinds import Kind
from dashboard.events.record import lock_topic
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.takeover import release
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.services.expire import expire
from dashboard.takeover.states import TakeoverState


def due_items(relay: str) -> None:
    """Items whose estimated time passed: called unknown where nothing more was told; the held-back queue goes on."""
    now = clock.now()
    items = Takeover.objects.filter(due_at__lte=now, job__owner=relay).select_related("job__account", "job__room")
    for item in list(items[:200]):
        with transaction.atomic():
            lock_topic(item.job.topic)
            item.refresh_from_db()
            if item.due_at is None or item.due_at > now:
                continue
            Takeover.objects.filter(pk=item.pk).update(due_at=None)
            if item.started_at is not None or item.state in (TakeoverState.ACCEPTED, TakeoverState.SENDING):
                _late(item)
            release.release(item.job)


def useless_items(relay: str) -> None:
    """Items that nobody would understand any more, and that are not heard yet."""
    waiting = Takeover.objects.filter(IS_OPEN, job__owner=relay, started_at=None, cancel_requested_at=None)
    for item in waiting.filter(useful_until__lte=clock.now()).select_related("job__account", "job__room")[:50]:
        expire(item)


def _late(item: Takeover) -> None:
    if item.started_at is not None:
        # It was heard to begin, and maybe cancelled since; no end was told. Unknown would hide that, so it ends as
        # reported by time.
        accept(item_fact(item, Kind.ITEM_FINISHED, why="no end reported"))
        return
    accept(item_fact(item, Kind.ITEM_UNSURE, key="late", why="not_reported"))
