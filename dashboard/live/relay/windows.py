"""Undo windows and approvals that end by their time. People watch them count down, so they end to the moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from dashboard.events.record import lock_topic
from dashboard.lib import clock
from dashboard.takeover import asking, departure
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState

OF_PEOPLE = (TakeoverState.HELD, TakeoverState.AWAITING_APPROVAL)


def soonest(relay: str, within_s: float) -> datetime | None:
    """When the next one ends, if there is one that soon."""
    until = clock.now() + timedelta(seconds=within_s)
    items = Takeover.objects.filter(due_at__lte=until, job__owner=relay, state__in=OF_PEOPLE)
    return items.order_by("due_at").values_list("due_at", flat=True).first()


def end_due(relay: str) -> None:
    """What was held leaves, or goes to its second person; what nobody approved is returned."""
    now = clock.now()
    items = Takeover.objects.filter(due_at__lte=now, job__owner=relay, state__in=OF_PEOPLE)
    for item in list(items.select_related("job__account", "job__room").order_by("due_at", "id")[:200]):
        with transaction.atomic():
            lock_topic(item.job.topic)
            item.refresh_from_db()
            if item.due_at is None or item.due_at > now:
                continue
            if item.state == TakeoverState.HELD:
                departure.hold_is_over(item)
            elif item.state == TakeoverState.AWAITING_APPROVAL:
                asking.nobody_approved(item)
