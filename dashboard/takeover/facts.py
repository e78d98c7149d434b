"""How a fact about a takeover is written down, whoever found it out."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from dashboard.events.kinds import Fact, Item, Kind
from dashboard.events.models import Event, Source
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source as SourceOfItem
from dashboard.vendors.port import VendorError
from dashboard.vendors.said import parts


def item_fact(
    item: Takeover,
    kind: Kind,
    *,
    source: Source = Source.CONSOLE,
    actor_id: int | None = None,
    key: str = "",
    why: str = "",
    error: VendorError | None = None,
    request_id: str = "",
) -> Fact:
    """A fact about `item` as of now; one per kind unless `key` tells several apart."""
    payload = Item(
        trace_id=item.trace_id,
        item=item.number,
        why=why,
        by="" if source == Source.OPERATOR else "outcome",
        request_id=request_id,
        **parts(error),
    )
    return Fact(
        kind=kind,
        payload=payload,
        source=source,
        dedupe_key=f"{kind}:{item.job_id}:{item.trace_id}{':' + key if key else ''}",
        at=clock.now(),
        team_id=item.team_id,
        account_id=item.job.account_id,
        room_id=item.room_id,
        job_id=item.job_id,
        actor_id=actor_id,
    )


def was_said_to_its_end(item: Takeover, cancel_left_at: datetime) -> bool:
    """Whether no cancel made its end: the vendor told so, or told no end and its time was over when the cancel left."""
    told = Event.objects.filter(job_id=item.job_id, kind=Kind.ITEM_FINISHED, data__trace_id=item.trace_id)
    end = told.order_by("id").values_list("data__cut", "data__by").last()
    if end is None:
        return False
    return end[0] is False or (end[1] == "outcome" and item.was_said(cancel_left_at))


def was_told_since(item: Takeover, kind: Kind, at: datetime) -> bool:
    """Whether a fact of `kind` came in after `at`, by our own clock: where the vendor's is known to a second only."""
    told = Event.objects.filter(job_id=item.job_id, kind=kind, data__trace_id=item.trace_id)
    return told.filter(received_at__gt=at).exists()


def may_have_missed(item: Takeover, by: datetime) -> bool:
    """Whether `item` may have been heard by then though nobody was told.

    A listing missed it before; or what stood behind it began, and notices of it were lost already; or the link was
    down at some time since the vendor said that it has it; or it never answered and there was the time.
    """
    if item.left_at is not None and item.left_at <= by:
        return True
    if item.timeout_at is not None and _was_overtaken(item, by):
        return True
    if item.queued_at is None:
        return item.timeout_at is not None and item.was_said(by, item.claimed_at)
    links = Event.objects.filter(job_id=item.job_id, kind=Kind.JOB_LINK, received_at__gte=item.queued_at)
    return links.exclude(data__link="up").exists()


def _was_overtaken(item: Takeover, by: datetime) -> bool:
    """Whether something behind it in the queue began: both vendors play theirs in order, the script behind all else."""
    behind = Q(place__gt=item.place) | Q(source=SourceOfItem.SCRIPT)
    if item.source == SourceOfItem.SCRIPT:
        behind = Q(place__gt=item.place, source=SourceOfItem.SCRIPT)
    begun = Takeover.objects.filter(behind, job_id=item.job_id, started_at__lte=by)
    return begun.filter(started_at__gt=item.queued_at or item.claimed_at or item.requested_at).exists()


def may_have_stood(item: Takeover) -> bool:
    """Whether its room was paused since `item` began, so that its length tells nothing of its end."""
    told = Event.objects.filter(job_id=item.job_id, kind=Kind.JOB_STATE, at__gte=item.started_at)
    return item.job.state == JobState.PAUSED or told.filter(data__says="paused").exists()
