"""What is not worth hearing any more is taken back: before it left at once, at the vendor as a standing wish."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.events.kinds import Kind
from dashboard.events.record import record_many
from dashboard.takeover import commands, release
from dashboard.takeover.decisions import PROJECTIONS, decided
from dashboard.takeover.models import Takeover


def expire(item: Takeover) -> Takeover:
    """Nothing happens to what is heard already, or was taken back by somebody."""
    with deeds.locked(item.job.topic) as now:
        item.refresh_from_db()
        is_over = item.useful_until is None or item.useful_until > now
        if is_over or not item.is_open or item.started_at is not None or item.cancel_requested_at is not None:
            return item
        if item.claimed_at is None:
            commands.take_back(item)
            record_many([decided(item, Kind.ITEM_EXPIRED, user=None)], PROJECTIONS)
        elif not release.holds_back(item.job):
            record_many([decided(item, Kind.ITEM_CANCEL_REQUESTED, user=None)], PROJECTIONS)
            commands.cancel(item.job, [item])
        item.refresh_from_db()
    return item
