"""What follows from facts about takeovers and script items: evidence on their rows, and what that sets in motion."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.events.kinds import Item, Kind, kept, payload_of
from dashboard.events.models import Event, EventOutcome
from dashboard.takeover import commands, doubt, ends, follow_up, job_end, silences
from dashboard.takeover.deadlines import set_due
from dashboard.takeover.models import Takeover

APPLIED, NOTHING_NEW, WAITING = EventOutcome.APPLIED, EventOutcome.NOTHING_NEW, EventOutcome.WAITING

#: Which column holds the evidence of which kind of fact.
_EVIDENCE: dict[Kind, str] = {
    Kind.ITEM_HOLD_OVER: "hold_over_at",
    Kind.ITEM_APPROVAL_ASKED: "approval_asked_at",
    Kind.ITEM_APPROVED: "approved_at",
    Kind.ITEM_RETURNED: "rejected_at",
    Kind.ITEM_SENDING: "claimed_at",
    Kind.ITEM_ACCEPTED: "accepted_at",
    Kind.ITEM_QUEUED: "queued_at",
    Kind.ITEM_STARTED: "started_at",
    Kind.ITEM_FINISHED: "finished_at",
    Kind.ITEM_FAILED: "failed_at",
    Kind.ITEM_REFUSED: "rejected_at",
    Kind.ITEM_UNSURE: "timeout_at",
    Kind.ITEM_LEFT: "left_at",
    Kind.ITEM_CANCEL_REQUESTED: "cancel_requested_at",
    Kind.ITEM_CANCEL_SENT: "cancel_sent_at",
    Kind.ITEM_CANCELLED: "cancel_ok_at",
    Kind.ITEM_EXPIRED: "expired_at",
    Kind.ITEM_MARKED_SPOKEN: "marked_spoken_at",
}
#: What people or rules decide about an item, whether its state shows it or not.
_DECISIONS = (Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_MARKED_SPOKEN, Kind.ITEM_APPROVED, Kind.ITEM_RETURNED)
_PROVES_TAKEN = (Kind.ITEM_ACCEPTED, Kind.ITEM_QUEUED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED)


def apply(event: Event) -> EventOutcome:
    """Note the evidence of `event` on its takeover; a reference we don't know yet waits in the log."""
    data = payload_of(Item, event.data)
    kind = Kind(event.kind)
    item = _find(event, data)
    if item is None:
        event.ref = data.trace_id
        return _settle_by_reply(event) if kind == Kind.ITEM_FINISHED else WAITING
    column = _EVIDENCE[kind]
    # The log keeps what was told.
    event.at = item.job.account.our_time(event.at, told_at=event.received_at, is_live=data.by == "socket")
    taken_back = job_end.take_back(item, kind) if kind in (Kind.ITEM_FINISHED, Kind.ITEM_CANCELLED) else []
    if kind == Kind.ITEM_FINISHED:
        ends.weigh_end(item, event.at, was_cut=data.cut)
    if getattr(item, column) is not None:
        return _corrected(item) if kind == Kind.ITEM_FINISHED else NOTHING_NEW
    setattr(item, column, event.at)
    changed = [column, *taken_back, *_details(item, kind, data, event), *set_due(item, kind, event.at)]
    changed += job_end.assume_over(item)
    item.save(update_fields=[*changed, *item.refresh_state(is_decision=kind in _DECISIONS)])
    if kind in _PROVES_TAKEN or kind == Kind.ITEM_FAILED:
        commands.settle(item, taken=kind != Kind.ITEM_FAILED)
    if follows := _FOLLOW_UP.get(kind):
        follows(item, event)
    silences.note(item.job)
    return APPLIED


def _corrected(item: Takeover) -> EventOutcome:
    """Its end was reckoned before; the vendor's word of it, come late, may say that no cancel made it."""
    before, changed = item.state, item.refresh_state()
    if item.state == before:
        return NOTHING_NEW
    item.save(update_fields=[*ends.WEIGHED, *changed])
    return APPLIED


def bind_reference(item: Takeover, vendor_ref: str, *, but: int | None = None) -> None:
    """From now on the vendor's own id means this item; facts that waited for it are applied, all but event `but`."""
    item.vendor_ref = vendor_ref
    item.save(update_fields=["vendor_ref"])
    apply_waiting(item, vendor_ref, but=but)


def apply_waiting(item: Takeover, ref: str, *, but: int | None = None) -> None:
    """`ref` means `item` now: what was told of it before is applied."""
    waiting = Event.objects.filter(job_id=item.job_id, ref=ref, outcome=WAITING)
    for event in waiting.exclude(pk=but or 0).order_by("id"):
        event.outcome = apply(event)
        event.save(update_fields=["outcome"])


# ----------------------------------------------------------------------------------------------------------- details


def _find(event: Event, data: Item) -> Takeover | None:
    if event.job_id is None:
        return None
    known = Takeover.objects
    found = known.of_trace(data.trace_id) or known.of_reference(event.job_id, data.trace_id)
    return found if found is not None and found.job_id == event.job_id else None


def _details(item: Takeover, kind: Kind, data: Item, event: Event) -> list[str]:
    if kind in (Kind.ITEM_FAILED, Kind.ITEM_REFUSED, Kind.ITEM_RETURNED):
        item.error = kept(data, request_id=data.request_id)
        return ["error"]
    if kind == Kind.ITEM_FINISHED:
        return list(ends.WEIGHED)
    if kind in (Kind.ITEM_UNSURE, Kind.ITEM_LEFT):
        item.unknown_reason = data.why[:40]
        return ["unknown_reason"]
    if kind == Kind.ITEM_APPROVED:
        item.approved_by_id, item.approved_hash = event.actor_id, item.content_hash
        return ["approved_by", "approved_hash"]
    if kind == Kind.ITEM_MARKED_SPOKEN:
        item.marked_by_id = event.actor_id
        return ["marked_by"]
    return []


def _settle_by_reply(event: Event) -> EventOutcome:
    """An unmatched finish settles a doubtful command where only one reading is possible."""
    item = doubt.ended_by(event)
    if item is None:
        return WAITING
    # What was told of it before comes first: by its start it is known whom it cut.
    bind_reference(item, event.ref, but=event.pk)
    return apply(event)


def _on_unsure(item: Takeover, event: Event) -> None:
    """A finish may have come before we gave up on the answer."""
    finish = doubt.end_that_came_early(item)
    if finish is not None and (outcome := _settle_by_reply(finish)) != WAITING:
        finish.outcome = outcome
        finish.save(update_fields=["outcome"])


_FOLLOW_UP: dict[Kind, Callable[[Takeover, Event], None]] = {
    Kind.ITEM_QUEUED: follow_up.on_queued,
    Kind.ITEM_STARTED: follow_up.on_started,
    Kind.ITEM_ACCEPTED: follow_up.on_accepted,
    Kind.ITEM_FINISHED: follow_up.on_finished,
    Kind.ITEM_FAILED: follow_up.on_over,
    Kind.ITEM_REFUSED: follow_up.on_over,
    Kind.ITEM_RETURNED: follow_up.on_over,
    Kind.ITEM_CANCELLED: follow_up.on_over,
    Kind.ITEM_EXPIRED: follow_up.on_over,
    Kind.ITEM_MARKED_SPOKEN: follow_up.on_over,
    Kind.ITEM_UNSURE: _on_unsure,
}
