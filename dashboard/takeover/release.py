"""Hold-back for vendors without queue query, cancel or reorder (MetaStudio): at most one unstarted item is there.

A waiting item has no command yet, so it can be moved and cancelled freely. `release()` makes the command when the slot
is free; the projections of started, finished and failed call it, and the relay's sweep.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.takeover import commands
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Mode, TakeoverState
from dashboard.vendors.models import Command, VendorKind
from dashboard.vendors.port import PlayAt

#: An item whose start nobody saw holds the slot until this long after its estimated time.
GRACE_S = 15.0


def holds_back(job: Job) -> bool:
    return job.account.vendor == VendorKind.METASTUDIO


def has_channel(job: Job) -> bool:
    return bool(job.account.capabilities.get("command_channel"))


def release(job: Job, *, now: datetime | None = None) -> int:
    """Send what may go now; how many items were released. The room's sequence is locked by the caller."""
    if not holds_back(job) or not job.can_speak or commands.open_voices(job).exists():
        return 0
    now = now or clock.now()
    waiting = Takeover.objects.filter(job=job, state=TakeoverState.WAITING, released_at=None)
    held = sorted(waiting, key=attrgetter("place", "pk"))
    released = 0
    for item in [item for item in held if item.mode == Mode.NOW]:
        _send(job, item, PlayAt.NOW, now)
        released += 1
    rest = [item for item in held if item.mode != Mode.NOW]
    if rest and (free := slot(job, now)) is not None:
        _send(job, rest[0], free, now)
        released += 1
    return released


def slot(job: Job, now: datetime) -> PlayAt | None:
    """Where a released item would go, or None while another unstarted one holds the slot.

    NEXT (after the sentence being spoken) where the vendor holds nothing unstarted of ours; END behind an item that is
    overdue but may still be there, and behind one that was sent to the end itself.
    """
    unstarted = Takeover.objects.filter(
        IS_OPEN, job=job, released_at__isnull=False, started_at=None, finished_at=None, cancel_ok_at=None, left_at=None
    )
    overdue = False
    for item in unstarted:
        if item.claimed_at is None:
            return None  # released, and still in our outbox (its vendor asked to wait): nothing overtakes it
        estimated = not has_channel(job) and item.accepted_at is not None and item.timeout_at is None
        until = item.due_at or (item.released_at or now) + timedelta(seconds=GRACE_S)
        if estimated and item.due_at is not None:
            until = item.due_at - patience(item)  # its estimated start: nobody reports the real one
        if now < until:
            return None
        overdue = overdue or not estimated or _went_to_the_end(item)
    return PlayAt.END if overdue else PlayAt.NEXT


def _went_to_the_end(item: Takeover) -> bool:
    """Its start is only reckoned: it may still wait for the end of a paragraph, and an insert would get before it."""
    command = Command.objects.filter(trace_id=item.trace_id).only("body").first()
    return command is not None and command.body.get("at") == PlayAt.END


def patience(item: Takeover) -> timedelta:
    """From the estimated start of an item to the moment when a missing finish is called unknown."""
    return timedelta(milliseconds=item.estimate_ms * 3 // 2, seconds=GRACE_S)


def expected_start(job: Job, item: Takeover, accepted_at: datetime) -> datetime:
    """When an accepted item is expected on air: after what plays now, roughly one sentence of it."""
    if item.mode == Mode.NOW:
        return accepted_at + timedelta(seconds=1)
    playing = (
        Takeover.objects.filter(IS_OPEN, job=job, accepted_at__isnull=False).exclude(pk=item.pk).order_by("accepted_at")
    )
    return max([accepted_at + timedelta(seconds=4), *(_expected_end(job, other) for other in playing)])


def _expected_end(job: Job, item: Takeover) -> datetime:
    """Of an item at the vendor; where nobody saw it begin, its deadline tells when it was expected to."""
    length = timedelta(milliseconds=item.estimate_ms)
    if item.started_at is not None:
        return item.started_at + length
    if item.due_at is None:
        return (item.accepted_at or item.requested_at) + length
    grace = timedelta(seconds=GRACE_S)
    if item.timeout_at is not None:
        return item.due_at - grace
    return item.due_at - (grace if has_channel(job) else patience(item)) + length


def _send(job: Job, item: Takeover, at: PlayAt, now: datetime) -> None:
    Takeover.objects.filter(pk=item.pk).update(released_at=now)
    item.released_at = now
    commands.say(job, item, at=at)
