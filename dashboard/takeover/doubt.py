"""What an unmatched start or finish tells, where only one reading is possible (docs/live.md). MetaStudio only.

What comes before what is asked of our own clock, when we sent and when we heard: the vendor's time counts whole seconds
(A11 c), and its clock may be off.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from dashboard.events.kinds import Kind
from dashboard.events.models import Event, EventOutcome
from dashboard.jobs.selectors import job_of
from dashboard.takeover import release
from dashboard.takeover.ends import LOST_ON_ITS_WAY, SURELY_CUT, SURELY_SAID, is_short
from dashboard.takeover.facts import may_have_stood
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.states import NEVER_HEARD, Mode, TakeoverState
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState


def ended_by(event: Event) -> Takeover | None:
    """The one item that the finish `event` can mean; None where there is none, or more than one."""
    job = job_of(event)
    if job is None or not release.holds_back(job) or job.runs_vendor_rules or is_a_clip(event):
        return None
    doubtful = list(
        Takeover.objects.filter(
            Q(timeout_at__isnull=False) | Q(left_at__isnull=False), IS_OPEN, job=job, vendor_ref="", started_at=None
        ).exclude(kind=ItemKind.VOICE)  # no reply tells of a microphone
    )
    if len(doubtful) != 1 or Takeover.objects.filter(job=job, state=TakeoverState.SENDING).exists():
        return None
    item = doubtful[0]
    # Somebody heard it, so it has an end that is told as this one is.
    marked = Takeover.objects.filter(job=job, vendor_ref="", marked_spoken_at__isnull=False, finished_at=None)
    if not _may_mean(event, item) or any(_may_mean(event, other) for other in marked):
        return None
    return item


def _may_mean(event: Event, item: Takeover) -> bool:
    """Whether `item` may end when `event` was told."""
    sent = item.claimed_at or item.requested_at
    return sent <= event.received_at <= sent + longest(item)


def longest(item: Takeover) -> timedelta:
    """From the sending of an item to the latest moment when its end may be told."""
    return timedelta(milliseconds=item.estimate_ms, seconds=60 + release.GRACE_S)


def end_that_came_early(item: Takeover) -> Event | None:
    """The one unmatched finish that came before we gave up on the answer about `item`."""
    waiting = Event.objects.filter(
        job_id=item.job_id,
        kind=Kind.ITEM_FINISHED,
        outcome=EventOutcome.WAITING,
        received_at__gte=item.claimed_at or item.requested_at,
    )
    candidates = list(waiting.order_by("id")[:2])
    return candidates[0] if len(candidates) == 1 else None


def broke_off_at(item: Takeover) -> datetime | None:
    """When something unnamed began while `item` was heard that was said *now*, its answer lost; None where nothing did.

    MetaStudio tells that start with a name of its own, which nobody knew, and no end of what it cut.
    """
    job = item.job
    if item.started_at is None or not release.holds_back(job) or job.runs_vendor_rules or may_have_stood(item):
        return None
    starts = Event.objects.filter(
        job_id=item.job_id,
        kind=Kind.ITEM_STARTED,
        outcome=EventOutcome.WAITING,
        at__gt=item.started_at,
        received_at__gt=item.started_at,
    )
    return next((start.received_at for start in starts.order_by("received_at") if _has_cut(start, item)), None)


def _has_cut(start: Event, item: Takeover) -> bool:
    modes = {one.mode for one in nameless(start) if one.started_at is None and one.kind != ItemKind.VOICE}
    if item.started_at is None or Mode.NOW not in modes or is_a_clip(start):
        return False
    # One of another mode begins behind `item`, and a voice that nobody measured may be faster than we reckon.
    surely = SURELY_SAID if modes == {Mode.NOW} else SURELY_CUT
    return is_short(item, item.started_at, start.received_at, surely=surely)


def nameless(event: Event) -> list[Takeover]:
    """What `event` may tell of though it names something else: on its way then, its own reference unknown."""
    sent = Takeover.objects.filter(job=event.job_id, vendor_ref="", claimed_at__lte=event.received_at)
    return [
        item
        for item in sent.exclude(state__in=(*NEVER_HEARD, TakeoverState.FAILED))
        if item.claimed_at is not None and event.received_at <= item.claimed_at + longest(item)
    ]


def is_a_clip(event: Event) -> bool:
    """The silent clip's end comes with a reply id too; while one is on its way no unmatched end is ours to guess."""
    clips = Command.objects.filter(job_id=event.job_id, kind=CommandKind.CLIP)
    return any(_may_be_heard(clip, event) for clip in clips)


def _may_be_heard(clip: Command, event: Event) -> bool:
    """Whether `event` may tell of `clip`, or of a try of it whose answer was lost, whatever became of the others."""
    if clip.vendor_ref == event.ref or clip.state in (CommandState.SENDING, CommandState.UNKNOWN):
        return True
    left_at = outbox.left_at(clip)
    return "left_at" in clip.body and left_at <= event.received_at <= left_at + LOST_ON_ITS_WAY
