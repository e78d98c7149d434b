"""An operator decides about one item: take it back, ask what became of it, or say that it was heard."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.takeover import checks, commands
from dashboard.takeover.decisions import PROJECTIONS, decided
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import CAN_CANCEL, TakeoverState
from dashboard.takeover.taking_back import take_back, wish_cancelled


def cancel_takeover(
    *, item: Takeover, user: User, actor: Actor, version: int | None = None, is_urgent: bool = True
) -> Takeover:
    """Take an item back. Before it left: at once. At the vendor: a standing wish, carried out where the vendor can.

    One of many is not urgent: a silence must not wait behind a long list.
    """
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if item.cancel_requested_at is not None:  # the same press once more
            return item
        checks.check_undecided(item, version)
        if TakeoverState(item.state) not in CAN_CANCEL:
            return item
        if item.claimed_at is None:
            take_back(item, user)
        else:
            checks.check_can_cancel_at_vendor(item)
            wish_cancelled([item], user)
            commands.cancel(item.job, [item], is_urgent=is_urgent)
        trail.record(team_id=item.team_id, actor=actor, action="cancel_takeover", target=item, room_id=item.room_id)
        item.refresh_from_db()
    return item


def mark_spoken(*, item: Takeover, user: User, actor: Actor, version: int | None = None) -> Takeover:
    """A person heard it: an unknown item counts as done from now on."""
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if item.marked_spoken_at is not None:  # the same press once more
            return item
        checks.check_version(item, version)
        if item.state != TakeoverState.UNKNOWN:
            return item
        fact = decided(item, Kind.ITEM_MARKED_SPOKEN, user=user)
        deeds.record([fact], PROJECTIONS, actor=actor, action="mark_spoken", target=item)
        item.refresh_from_db()
    return item


def check_again(*, item: Takeover, user: User, actor: Actor, version: int | None = None) -> Takeover:
    """Ask the vendor once more what became of an unknown item, where it can be asked."""
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if commands.is_being_checked(item):  # the same press once more
            return item
        checks.check_version(item, version)
        if item.state == TakeoverState.UNKNOWN:
            commands.check(item)
            trail.record(team_id=item.team_id, actor=actor, action="check_again", target=item, room_id=item.room_id)
    return item
