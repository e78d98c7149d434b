"""New takeovers: what is written of them before anything of them left."""

from __future__ import annotations

from datetime import datetime

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.lib import clicks
from dashboard.takeover import airtime, causes, places
from dashboard.takeover.holding import terms
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode, TakeoverState
from dashboard.takeover.wish import Wish


def new_item(job: Job, wish: Wish, *, key: str, author: User | None, now: datetime) -> Takeover:
    """What is wanted, as a row, before anything of it left. `author` is the person behind it, None for a rule."""
    causes.check(job, wish.cause_event_id, author)
    agreed = terms(job, wish, author, now)
    number = places.next_number(job)
    item = Takeover.objects.create(
        team_id=job.team_id,
        room_id=job.room_id,
        job=job,
        number=number,
        key=key,
        source=wish.source,
        rank=wish.rank,
        kind=wish.kind,
        mode=wish.mode,
        text=wish.text,
        params={**wish.params, **({"lint": list(wish.found)} if wish.found else {})},
        content_hash=wish.digest,
        author=author,
        author_label=wish.label or str(author or ""),
        reason=wish.reason[:300],
        cause_event_id=wish.cause_event_id,
        again_of=wish.again_of,
        useful_until=wish.useful_until,
        place=places.place_of_newcomer(job, wish.rank, number, at_head=wish.mode != Mode.APPEND),
        estimate_ms=airtime.airtime_ms(wish, job),
        requested_at=now,
        held_at=now if agreed.held_until else None,
        held_until=agreed.held_until,
        due_at=agreed.held_until,
        approval_why=agreed.approval_why,
        state=TakeoverState.HELD if agreed.held_until else TakeoverState.WAITING,
    )
    causes.tell(item)
    clicks.is_asked(f"takeover {item.pk}", item.trace_id)
    return item
