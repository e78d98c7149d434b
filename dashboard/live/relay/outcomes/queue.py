"""What the vendor's own queue tells about items whose fate nobody told us."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.events.kinds import Fact, Item, Kind
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.takeover import places, untold
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.vendors.port import QueueListing


def queue_read(job: Job, listing: QueueListing) -> None:
    """Compare the vendor's queue with ours (SoftSugar).

    Listed and never confirmed → queued. Was playing and is gone → finished, as reported, unless the next one began too
    soon for that. Was queued and is gone → unknown, it left the queue while nobody listened. Was only sent and is not
    listed → stays unknown: absence proves nothing.
    """

    def compare() -> None:
        _note_strangers(job, listing)
        before = _settled_before(listing)
        items = Takeover.objects.filter(IS_OPEN, job=job, claimed_at__lt=before).select_related("job__account")
        accept(*[fact for item in items for fact in _found_out(item, listing, before)])

    in_room(job, compare)


def note_what_left(job: Job, listing: QueueListing) -> None:
    """From a reading for the sake of its order: queued, never told to begin and not listed means that it left.

    What began tells its own end, mostly a moment later, so nothing is concluded about that.
    """

    def compare() -> None:
        _note_strangers(job, listing)
        before = _settled_before(listing)
        waiting = Takeover.objects.filter(IS_OPEN, job=job, queued_at__lt=before, started_at=None)
        gone = [item for item in waiting.select_related("job__account") if item.trace_id not in listing.trace_ids]
        if facts := [fact for item in gone for fact in _found_out(item, listing, before)]:
            accept(*facts)

    in_room(job, compare)


def _settled_before(listing: QueueListing) -> datetime:
    """What happened later may have crossed the listing on its way."""
    return listing.asked_at - timedelta(seconds=1)


def _note_strangers(job: Job, listing: QueueListing) -> None:
    """What is listed and not ours is told like a notice of it: where nobody claims it, it is shown as not ours."""
    known = places.known(job, listing.trace_ids)
    facts = [
        job_fact(job, Kind.ITEM_QUEUED, Item(trace_id=trace_id, by="listing"), at=listing.asked_at, key=trace_id)
        for trace_id in listing.trace_ids
        if trace_id not in known
    ]
    if facts:
        accept(*facts)


def _found_out(item: Takeover, listing: QueueListing, before: datetime) -> list[Fact]:
    if item.trace_id in listing.trace_ids:
        if item.queued_at is not None or item.started_at is not None:
            return []
        # The notice of it was lost, and the others may be: the sweep asks the queue until it left (or they come).
        unsure = item_fact(item, Kind.ITEM_UNSURE, key="listed", why="not_reported")
        return [item_fact(item, Kind.ITEM_QUEUED), *([unsure] if item.timeout_at is None else [])]
    if item.started_at is not None and item.started_at < before:
        return [untold.end_of(item)]
    if item.cancel_sent_at is not None and item.cancel_sent_at >= before:
        return []  # gone by that cancel, as its answer will say
    if item.queued_at is not None and item.queued_at < before and item.left_at is None:
        return [item_fact(item, Kind.ITEM_LEFT, why="left_queue")]
    return []
