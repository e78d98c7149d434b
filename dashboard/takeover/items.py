"""New takeovers: their number in the room, their place in the queue, and how they set out."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.lib.speech import estimate_ms
from dashboard.takeover import commands, release
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Mode, Source
from dashboard.vendors.models import Rank

PLACE_STEP = 1024


def next_number(job: Job) -> int:
    """Numbers count within a room, over all its jobs. The room's sequence is locked."""
    return (Takeover.objects.filter(room_id=job.room_id).aggregate(last=Max("number"))["last"] or 0) + 1


def persons_item(
    job: Job,
    *,
    text: str,
    mode: Mode,
    key: str,
    digest: str,
    author: User,
    label: str = "",
    now: datetime,
    reason: str = "",
    cause_event_id: int | None = None,
    again_of: Takeover | None = None,
) -> Takeover:
    """What a person wants said, before anything of it left. `label` stands for who they are where it is not them."""
    number = next_number(job)
    return Takeover.objects.create(
        team_id=job.team_id,
        room_id=job.room_id,
        job=job,
        number=number,
        key=key,
        source=Source.PERSON,
        rank=Rank.PERSON_NOW if mode == Mode.NOW else Rank.PERSON,
        mode=mode,
        text=text,
        content_hash=digest,
        author=author,
        author_label=label or str(author),
        reason=reason[:300],
        cause_event_id=cause_event_id,
        again_of=again_of,
        place=_place(job, mode, number),
        estimate_ms=estimate_ms(text, units_per_s=job.room.units_per_s),
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
