"""What the vendor's own queue tells about items whose fate nobody told us."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.events.kinds import Fact, Kind
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.ordering import note_strangers
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.takeover import untold
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
        note_strangers(job, listing)
        before = listing.asked_at - timedelta(seconds=1)
        items = Takeover.objects.filter(IS_OPEN, job=job, claimed_at__lt=before).select_related("job__account")
        accept(*[fact for item in items for fact in _found_out(item, listing, before)])

    in_room(job, compare)


def _found_out(item: Takeover, listing: QueueListing, before: datetime) -> list[Fact]:
    if item.trace_id in listing.trace_ids:
        if item.queued_at is not None or item.started_at is not None:
            return []
        # The notice of it was lost, and the others may be: the sweep asks the queue until it left (or they come).
        unsure = item_fact(item, Kind.ITEM_UNSURE, key="listed", why="not_reported")
        return [item_fact(item, Kind.ITEM_QUEUED), *([unsure] if item.timeout_at is None else [])]
    if item.started_at is not None and item.started_at < before:
        return [untold.end_of(item)]
    if item.queued_at is not None and item.queued_at < before and item.left_at is None:
        return [item_fact(item, Kind.ITEM_LEFT, why="left_queue")]
    return []
