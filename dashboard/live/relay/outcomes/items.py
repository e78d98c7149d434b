"""What follows from the outcome of words that were sent: facts about the item and the end of its command."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.events.record import raise_sequence
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.shared import error_row, in_room
from dashboard.takeover import projection as takeover
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Accepted, NotSent, Outcome, Rejected, SaidRef


def said(item: Takeover, command: Command, outcome: Outcome[SaidRef], *, written_only: bool) -> None:
    """`written_only`: the vendor confirms by a notice; an accepted write is no evidence, and the lane waits for it."""
    if isinstance(outcome, Accepted):
        if outcome.value.removed:
            in_room(item.job, lambda: _said_without(item, outcome.value.removed))
        if not written_only:
            in_room(item.job, lambda: _accepted(item, command, outcome.value.vendor_ref))
    elif isinstance(outcome, Rejected):
        in_room(item.job, lambda: _refused(item, command, outcome))
    elif isinstance(outcome, NotSent):
        in_room(item.job, lambda: _not_sent(item, command, outcome))
    else:
        item_unsure(item, command, outcome.why)


def shown(item: Takeover, command: Command, outcome: Outcome[str]) -> None:
    """A change of the scene alone: the vendor takes it and tells nothing more, so its taking is all there is."""
    if not isinstance(outcome, Accepted):
        said(item, command, outcome, written_only=False)
        return

    def taken() -> None:
        outbox.settle(command, CommandState.ACCEPTED, vendor_ref=outcome.value)
        accept(item_fact(item, Kind.ITEM_ACCEPTED), item_fact(item, Kind.ITEM_FINISHED))

    in_room(item.job, taken)


def _said_without(item: Takeover, tags: tuple[str, ...]) -> None:
    """The vendor or the voice does not know these tags; the item shows it."""
    fresh = Takeover.objects.get(pk=item.pk)
    fresh.params = {**fresh.params, "removed": list(tags)}
    fresh.save(update_fields=["params"])
    raise_sequence(item.job.topic)


def _accepted(item: Takeover, command: Command, vendor_ref: str) -> None:
    accept(item_fact(item, Kind.ITEM_ACCEPTED))
    outbox.settle(command, CommandState.ACCEPTED, vendor_ref=vendor_ref)
    fresh = Takeover.objects.select_related("job__account", "job__room", "room").get(pk=item.pk)
    takeover.bind_reference(fresh, vendor_ref)


def _refused(item: Takeover, command: Command, outcome: Rejected) -> None:
    error = error_row(outcome.error)
    outbox.settle(command, CommandState.REJECTED, error=error, request_id=outcome.request_id)
    accept(item_fact(item, Kind.ITEM_REFUSED, error=outcome.error, request_id=outcome.request_id))


def _not_sent(item: Takeover, command: Command, outcome: NotSent) -> None:
    """Nothing left us: the item waits again, unless it was cancelled or the room silenced while it was on its way."""
    if not outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why):
        return
    fresh = Takeover.objects.select_related("job__account").get(pk=item.pk)
    fresh.claimed_at = None
    fresh.save(update_fields=["claimed_at", *fresh.refresh_state()])
    silenced = fresh.job.silenced_at
    if fresh.cancel_requested_at is not None or (silenced is not None and fresh.requested_at <= silenced):
        outbox.withdraw(Command.objects.filter(pk=command.pk))
        accept(item_fact(fresh, Kind.ITEM_CANCELLED, key="not sent"))
    raise_sequence(fresh.job.topic)  # no event of its own, but open pages must not go on saying "sending"


def words_unsure(command: Command, why: str) -> None:
    item = Takeover.objects.whole(command.trace_id)
    item_unsure(item, command, why)


def item_unsure(item: Takeover, command: Command, why: str) -> None:
    """Sent, and no evidence came. Never sent again by itself."""

    def doubt() -> None:
        if outbox.settle(command, CommandState.UNKNOWN):
            accept(item_fact(item, Kind.ITEM_UNSURE, why=why))

    in_room(item.job, doubt)
