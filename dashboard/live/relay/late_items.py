"""Items whose estimated time passed without a word about them."""

from __future__ import annotations

from django.db import transaction

from dashboard.events.record import lock_topic
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.takeover import deadlines, release, untold
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode, TakeoverState

_OF_PEOPLE = (TakeoverState.HELD, TakeoverState.AWAITING_APPROVAL)

#: Before an item is heard: the next word of it is the vendor's, and may never come.
_SAYS_NOTHING = (TakeoverState.ACCEPTED, TakeoverState.SENDING, TakeoverState.CANCELLING)


def due_items(relay: str) -> None:
    """Items whose estimated time passed: called unknown where nothing more was told; the held-back queue goes on."""
    now = clock.now()
    items = Takeover.objects.filter(due_at__lte=now, job__owner=relay)
    # What people hold has its own round (`windows`): a time that is theirs is never taken away here.
    items = items.exclude(state__in=_OF_PEOPLE).select_related("job__account", "job__room")
    for item in list(items[:200]):
        with transaction.atomic():
            lock_topic(item.job.topic)
            item.refresh_from_db()
            if item.due_at is None or item.due_at > now or item.state in _OF_PEOPLE:
                continue
            if _stands(item):
                Takeover.objects.filter(pk=item.pk).update(due_at=deadlines.end_due(item, now))
                continue
            Takeover.objects.filter(pk=item.pk).update(due_at=None)
            is_voice = item.kind == ItemKind.VOICE and item.claimed_at is not None
            if item.started_at is not None or is_voice or item.state in _SAYS_NOTHING:
                accept(untold.when_late(item))
            release.release(item.job)


def _stands(item: Takeover) -> bool:
    """Its room is paused: what was heard in part, and what waits there, is said when the room goes on.

    *Now* alone is heard in a pause, and what follows it.
    """
    job = item.job
    if job.state != JobState.PAUSED:
        return False
    return item.mode != Mode.NOW if item.started_at is None else item.started_at <= job.state_at
