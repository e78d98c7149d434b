"""A second person is asked, for so long; and what becomes of words that nobody approved in that time."""

from __future__ import annotations

from datetime import timedelta

from dashboard.events.kinds import Kind
from dashboard.lib import clock
from dashboard.takeover import returned
from dashboard.takeover.decisions import tell
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import APPROVE_WITHIN_S, SecondPerson, Takeover


def ask_second_person(item: Takeover) -> None:
    now = clock.now()
    policy = SecondPerson.objects.filter(room_id=item.room_id).first()
    within_s = policy.within_s if policy is not None else APPROVE_WITHIN_S
    item.approval_due_at = now + timedelta(seconds=within_s)
    item.save(update_fields=["approval_due_at"])
    tell(item_fact(item, Kind.ITEM_APPROVAL_ASKED, key=str(item.version), why=item.approval_why))
    item.refresh_from_db()


def nobody_approved(item: Takeover) -> None:
    """The time to approve it is over: nothing was heard, and its author is told."""
    tell(item_fact(item, Kind.ITEM_RETURNED, error=returned.too_late(item)))
