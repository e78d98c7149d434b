"""New takeovers: their number in the room, their place in the queue, and how they set out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.takeover import commands, lint, release
from dashboard.takeover.lint import Finding
from dashboard.takeover.measured import estimate_of
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.outlook import read_outlook
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish

PLACE_STEP = 1024


def next_number(job: Job) -> int:
    """Numbers count within a room, over all its jobs. The room's sequence is locked."""
    return (Takeover.objects.filter(room_id=job.room_id).aggregate(last=Max("number"))["last"] or 0) + 1


def new_item(
    job: Job, wish: Wish, *, key: str, author: User | None, now: datetime, found: Sequence[Finding] = ()
) -> Takeover:
    """What is wanted, as a row, before anything of it left. `author` is the person behind it, None for a rule;
    `found`: what the lint marked in it."""
    number, heard_at = next_number(job), read_outlook(job, now).heard_at(wish.mode, now)
    return Takeover.objects.create(
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
        params={**wish.params, **({"lint": lint.kept(found)} if found else {})},
        content_hash=wish.digest,
        author=author,
        author_label=wish.label or str(author or ""),
        reason=wish.reason[:300],
        cause_event_id=wish.cause_event_id,
        again_of=wish.again_of,
        place=_place(job, wish.mode, number),
        estimate_ms=estimate_of(job.room, wish.text),
        eta_at=heard_at,
        promised_ms=max(0, round((heard_at - now).total_seconds() * 1000)),
        requested_at=now,
    )


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
