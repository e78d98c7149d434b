"""Numbers and places of a job's items: where a newcomer stands, what a move changes. The room's sequence is locked."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Max, Q

from dashboard.jobs.models import Job
from dashboard.takeover import order, release
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.order import PLACE_STEP, Standing
from dashboard.takeover.states import Source
from dashboard.vendors.models import Rank

#: What waits to be heard and was put there by somebody: the script goes behind it all by itself.
WAITS = IS_OPEN & Q(started_at=None, finished_at=None) & ~Q(source=Source.SCRIPT)


def waiting(job: Job) -> list[Takeover]:
    """All that waits in `job`, in its order; what MetaStudio has already comes first, since nothing gets before it."""
    items = list(Takeover.objects.filter(WAITS, job=job).order_by("place", "pk"))
    return sorted(items, key=lambda item: not is_fixed(job, item))


def next_number(job: Job) -> int:
    """Numbers count within a room, over all its jobs. The room's sequence is locked."""
    return (Takeover.objects.filter(room_id=job.room_id).aggregate(last=Max("number"))["last"] or 0) + 1


def place_at_end(number: int) -> int:
    """The place of item `number` where nothing waits that it has to stand beside."""
    return number * PLACE_STEP


def is_fixed(job: Job, item: Takeover) -> bool:
    """MetaStudio has it, or is about to: it has no way to move what it was given."""
    return release.holds_back(job) and (item.released_at is not None or item.claimed_at is not None)


def standings(job: Job, items: Sequence[Takeover]) -> list[Standing]:
    return [Standing(item.pk, item.rank, item.place, is_fixed(job, item)) for item in items]


def place_of_newcomer(job: Job, rank: Rank, number: int, *, at_head: bool) -> int:
    """The place of item `number`, which is about to be written: behind its own rank, or before it."""
    others = standings(job, waiting(job))
    if not others:
        return number * PLACE_STEP
    index = order.index_of_newcomer(rank, others, at_head=at_head)
    place = order.place_at(index, others)
    return place if place is not None else _make_room(others, index)


def takes_order(job: Job) -> bool:
    """Whether what the vendor was given can still be moved there."""
    return not release.holds_back(job)


def known(job: Job, trace_ids: Sequence[str]) -> set[str]:
    """Which of these ids are items of `job`."""
    return set(Takeover.objects.filter(job=job, trace_id__in=trace_ids).values_list("trace_id", flat=True))


def steps_to_ours(job: Job, listed: Sequence[str]) -> list[order.Step]:
    """The moves that bring a vendor's queue, as it listed it, into the order of ours. What plays stays at its head."""
    items = {item.trace_id: item for item in Takeover.objects.filter(job=job, trace_id__in=listed)}
    vendor = list(listed)
    if vendor and vendor[0] in items and items[vendor[0]].started_at is not None:
        vendor.pop(0)
    # What is not ours stays where whoever sent it wanted it.
    ours = sorted((one for one in items.values() if _is_ordered_there(one, vendor)), key=_order_there)
    return order.steps(vendor, [item.trace_id for item in ours])


def _is_ordered_there(item: Takeover, vendor: Sequence[str]) -> bool:
    return item.source != Source.FOREIGN and item.trace_id in vendor


def _order_there(item: Takeover) -> tuple[bool, int, int]:
    return item.source == Source.SCRIPT, item.place, item.pk


def put_at(job: Job, item: Takeover, index: int, others: Sequence[Standing]) -> None:
    """Let `item` stand at `index` of the `others`, which are all the rest that waits. A new version of it."""
    place = order.place_at(index, others)
    if place is None:
        place = _make_room(others, index)
    Takeover.objects.filter(pk=item.pk).update(place=place, version=F("version") + 1)


def _make_room(others: Sequence[Standing], index: int) -> int:
    """New places with whole gaps for all `others`; the one that is left free at `index`."""
    first = min(other.place for other in others)
    numbers = order.spread(len(others) + 1, first)
    free = numbers.pop(index)
    for other, place in zip(others, numbers, strict=True):
        if other.place != place:
            Takeover.objects.filter(pk=other.pk).update(place=place)
    return free
