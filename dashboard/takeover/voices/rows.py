"""The row of a takeover by microphone, and what is told of it."""

from __future__ import annotations

from datetime import datetime

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Kind
from dashboard.jobs.models import Job
from dashboard.takeover import checks, items
from dashboard.takeover.decisions import decided
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish


def _wish(epoch: int) -> Wish:
    """`epoch` is of the floor that it is said with: who has another may not go on with it."""
    return Wish("", Mode.NOW, kind=ItemKind.VOICE, params={"floor": epoch})


def sent_before(job: Job, key: str, epoch: int) -> Takeover | None:
    return checks.sent_before(job, key, _wish(epoch).digest)


def new_voice(job: Job, epoch: int, *, key: str, user: User, now: datetime) -> tuple[Takeover, Fact]:
    """It goes by no command, so it is released from the start: nothing that holds back may touch it."""
    item = items.new_item(job, _wish(epoch), key=key, author=user, now=now)
    item.released_at, item.estimate_ms = now, 0
    item.save(update_fields=["released_at", "estimate_ms"])
    return item, decided(item, Kind.ITEM_REQUESTED, user=user)
