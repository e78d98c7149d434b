"""Items whose time has come: undo windows and approvals that end, and items that nobody told anything about."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min

from dashboard.events.kinds import Kind
from dashboard.events.record import lock_topic
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.takeover import deadlines, departure, release
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.services.expire import expire
from dashboard.takeover.states import Mode, TakeoverState

_OF_PEOPLE = (TakeoverState.HELD, TakeoverState.AWAITING_APPROVAL)


def soonest(relay: str, within_s: float) -> datetime | None:
    """The next end of an undo window or an approval, if there is one that soon: people watch it count down."""
    until = clock.now() + timedelta(seconds=within_s)
    items = Takeover.objects.filter(due_at__lte=until, job__owner=relay, state__in=_OF_PEOPLE)
    found: datetime | None = items.aggregate(soonest=Min("due_at"))["soonest"]
    return found


def due_items(relay: str) -> None:
    """Items whose time passed: sent when their undo window is over, called unknown where nothing more was told."""
    now = clock.now()
    items = Takeover.objects.filter(due_at__lte=now, job__owner=relay).select_related("job__account", "job__room")
    for item in list(items[:200]):
        with transaction.atomic():
            lock_topic(item.job.topic)
            item.refresh_from_db()
            if item.due_at is None or item.due_at > now:
                continue
            if item.state == TakeoverState.HELD:
                departure.hold_is_over(item)
                continue
            if _stands(item):
                Takeover.objects.filter(pk=item.pk).update(due_at=deadlines.end_due(item, now))
                continue
            Takeover.objects.filter(pk=item.pk).update(due_at=None)
            if item.started_at is not None or item.state in (TakeoverState.ACCEPTED, TakeoverState.SENDING):
                _late(item)
            release.release(item.job)


def _stands(item: Takeover) -> bool:
    """Its room is paused: what was heard in part, and what waits there, is said when the room goes on.

    *Now* alone is heard in a pause, and what follows it.
    """
    job = item.job
    if job.state != JobState.PAUSED:
        return False
    return item.mode != Mode.NOW if item.started_at is None else item.started_at <= job.state_at


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
