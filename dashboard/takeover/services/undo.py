"""The author ends the undo window of an item before its time: it goes now, or it never was."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.takeover import checks, departure
from dashboard.takeover.decisions import decided
from dashboard.takeover.models import Takeover
from dashboard.takeover.taking_back import take_back


def send_now(*, item: Takeover, user: User, actor: Actor, version: int | None = None) -> Takeover:
    """Do not wait for the rest of the window. Only the author: to others it is a chance to take it back."""
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if item.hold_over_at is not None and item.is_open:  # the same press once more, or its time was first
            return item
        checks.check_version(item, version)
        checks.check_can_send_now(item, user)
        departure.end_hold(item, decided(item, Kind.ITEM_HOLD_OVER, user=user))
        trail.record(team_id=item.team_id, actor=actor, action="send_now", target=item, room_id=item.room_id)
        item.refresh_from_db()
    return item


def undo(*, item: Takeover, user: User, actor: Actor, version: int | None = None) -> Takeover:
    """Take it back while nobody outside has heard of it. The page puts its words back where they were written."""
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if item.cancel_requested_at is not None and item.hold_over_at is None:  # the same press once more
            return item
        checks.check_can_undo(item)
        checks.check_version(item, version)
        take_back(item, user)
        trail.record(team_id=item.team_id, actor=actor, action="undo_takeover", target=item, room_id=item.room_id)
        item.refresh_from_db()
    return item
