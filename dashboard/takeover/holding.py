"""The undo window: how long what somebody says stays ours before it leaves. See docs/danger.md."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.accounts.models import User
from dashboard.accounts.selectors import member_of
from dashboard.jobs.models import Job
from dashboard.takeover.wish import Wish


def held_until(job: Job, wish: Wish, user: User | None, now: datetime) -> datetime | None:
    """When the undo window of what `user` wants ends; None where it has none."""
    member = member_of(job.team_id, user) if user is not None and wish.can_be_undone else None
    if member is None or member.undo_s <= 0:
        return None
    return now + timedelta(seconds=member.undo_s)
