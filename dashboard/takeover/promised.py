"""A new item with the promise of when it is heard, which is kept to measure how true it was."""

from __future__ import annotations

from datetime import datetime

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Kind
from dashboard.jobs.models import Job
from dashboard.takeover import items
from dashboard.takeover.decisions import decided
from dashboard.takeover.models import Takeover
from dashboard.takeover.outlook import read_outlook, stands_still
from dashboard.takeover.wish import Wish


def new_item(job: Job, wish: Wish, *, key: str, author: User | None, now: datetime) -> tuple[Takeover, Fact]:
    """What is wanted, as a row, with the promise of when it is heard, before anything of it left; and what tells of it.

    What waits for a second person promises nothing, nor does what is said into a silence.
    """
    ahead = read_outlook(job, now)
    item = items.new_item(job, wish, key=key, author=author, now=now)
    if not item.approval_why and not stands_still(job):
        item.eta_at = ahead.heard_at(wish.mode, item.held_until or now)
        item.promised_ms = max(0, round((item.eta_at - now).total_seconds() * 1000))
        item.save(update_fields=["eta_at", "promised_ms"])
    return item, decided(item, Kind.ITEM_REQUESTED, user=author)
