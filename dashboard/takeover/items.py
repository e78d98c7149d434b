"""New takeovers: their number in the room, their place in the queue, and how they set out."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.lib.speech import estimate_ms
from dashboard.takeover import causes, commands, release
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish

PLACE_STEP = 1024


def next_number(job: Job) -> int:
    """Numbers count within a room, over all its jobs. The room's sequence is locked."""
    return (Takeover.objects.filter(room_id=job.room_id).aggregate(last=Max("number"))["last"] or 0) + 1


def new_item(job: Job, wish: Wish, *, key: str, author: User | None, now: datetime) -> Takeover:
    """What is wanted, as a row, before anything of it left. `author` is the person behind it, None for a rule."""
    causes.check(job, wish.cause_event_id, author)
    number = next_number(job)
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
        params=dict(wish.params),
        content_hash=wish.digest,
        author=author,
        author_label=wish.label or str(author or ""),
        reason=wish.reason[:300],
        cause_event_id=wish.cause_event_id,
        again_of=wish.again_of,
        useful_until=wish.useful_until,
        place=_place(job, wish.mode, number),
        estimate_ms=estimate_ms(wish.text, units_per_s=job.room.units_per_s),
        requested_at=now,
    )
    causes.tell(item)
    return item


def _place(job: Job, mode: Mode, number: int) -> int:
    """Behind everything for *At end*; before everything that has not left yet otherwise."""
    if mode == Mode.APPEND:
        return number * PLACE_STEP
    first = (
        Takeover.objects.filter(IS_OPEN, job=job, started_at=None)
        .exclude(source=Source.SCRIPT)
        .order_by("place")
        .values_list("place", flat=True)
        .first()
    )
    return first - 1 if first is not None else number * PLACE_STEP


def hand_on(item: Takeover) -> None:
    """SoftSugar's queue takes it now; on MetaStudio it is held back until the slot is free."""
    if release.holds_back(item.job):
        release.release(item.job)
        item.refresh_from_db()
        return
    commands.say(item.job, item)
