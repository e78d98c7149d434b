"""A second person lets words through, or returns them to their author."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.takeover import checks, departure, returned
from dashboard.takeover.decisions import PROJECTIONS, decided
from dashboard.takeover.models import Takeover


def approve(*, item: Takeover, user: User, actor: Actor, version: int) -> Takeover:
    """What `user` read, which is that version, may be heard. It leaves at once; no other content does."""
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if item.approved_by_id == user.pk and item.approved_at is not None:  # the same press once more
            return item
        checks.check_version(item, version)
        checks.check_may_approve(item, user, actor.role)
        fact = decided(item, Kind.ITEM_APPROVED, user=user)
        after = {"text": item.text, "hash": item.content_hash}
        deeds.record([fact], PROJECTIONS, actor=actor, action="approve_takeover", target=item, after=after)
        item.refresh_from_db()
        departure.set_out(item)
        item.refresh_from_db()
    return item


def return_to_author(*, item: Takeover, user: User, actor: Actor, version: int, reason: str = "") -> Takeover:
    """It is not let through: nobody will hear it, and its author reads why."""
    reason = reason.strip()
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if item.rejected_at is not None and item.approval_asked_at is not None:  # returned or too late already
            return item
        checks.check_version(item, version)
        checks.check_may_approve(item, user, actor.role)
        fact = decided(item, Kind.ITEM_RETURNED, user=user, error=returned.by(str(user), reason))
        deeds.record([fact], PROJECTIONS, actor=actor, action="return_takeover", target=item, reason=reason)
        item.refresh_from_db()
    return item
