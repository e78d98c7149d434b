"""What becomes of a wish before it leaves: how long its author may take it back, and why it takes a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.accounts.models import User
from dashboard.accounts.selectors import member_of
from dashboard.jobs.models import Job
from dashboard.takeover.content import heard
from dashboard.takeover.models import SecondPerson
from dashboard.takeover.second_person import Asked, Conditions, why
from dashboard.takeover.wish import Wish


@dataclass(frozen=True, slots=True)
class Terms:
    """`held_until` is None without an undo window; `approval_why` is "" where nobody else is needed."""

    held_until: datetime | None = None
    approval_why: str = ""


def terms(job: Job, wish: Wish, user: User | None, now: datetime) -> Terms:
    """Only what a person pressed is held or approved: rules, the script and rehearsals speak by themselves."""
    member = member_of(job.team_id, user) if user is not None and wish.is_by_hand else None
    if member is None:
        return Terms()
    held_for = member.undo_s if wish.can_be_undone else 0
    asked = Asked(wish.kind, wish.mode, member.role, heard(wish))
    return Terms(
        held_until=now + timedelta(seconds=held_for) if held_for > 0 else None,
        approval_why=why(_conditions(job), asked) if wish.can_be_approved else "",
    )


def _conditions(job: Job) -> Conditions:
    row = SecondPerson.objects.filter(room_id=job.room_id).first()
    if row is None:
        return Conditions()
    return Conditions(frozenset(row.kinds), frozenset(row.modes), frozenset(row.roles), tuple(row.words))
