"""Wishes to cancel that the vendor did not carry out: what they were for may be cancelled once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.events.record import raise_sequence
from dashboard.jobs.models import Job
from dashboard.live.relay.outcomes.shared import error_row, in_room, no_answer
from dashboard.takeover.ends import cut_unconfirmed
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import SILENCED
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Rejected


def wait_again(job: Job, command: Command, items: Sequence[Takeover]) -> None:
    """The cancel of this try never left; what ends meanwhile is not its doing."""
    of_this_try = Takeover.objects.filter(pk__in=[item.pk for item in items], cancel_sent_at__gte=command.claimed_at)
    for item in of_this_try.filter(IS_OPEN, cancel_ok_at=None):
        item.cancel_sent_at = None
        item.save(update_fields=["cancel_sent_at", *item.refresh_state()])
    raise_sequence(job.topic)


def cut_all_the_same(job: Job, command: Command, items: Sequence[Takeover]) -> list[Takeover]:
    """What a cancel of several ended though the vendor refused it: not all of these could be cancelled."""
    asked = {item.pk for item in items}
    return [item for item in cut_unconfirmed(job.pk, outbox.left_at(command)) if item.pk in asked]


def not_cancelled(job: Job, pks: Iterable[int], error: dict[str, object] | None) -> None:
    """The vendor keeps these items: they are what they were before, say why, and may be cancelled once more."""
    for item in Takeover.objects.filter(IS_OPEN, pk__in=list(pks), cancel_ok_at=None):
        item.cancel_sent_at = item.cancel_requested_at = None
        item.error = error
        item.reason = "" if item.reason == SILENCED else item.reason  # no silence has cancelled it
        changed = ["cancel_sent_at", "cancel_requested_at", "error", "reason"]
        item.save(update_fields=[*changed, *item.refresh_state()])
    raise_sequence(job.topic)


def not_dropped(job: Job, command: Command, refused: Rejected | None = None) -> None:
    """The vendor refused, or nobody knows whether what waited there was dropped."""
    error = error_row(refused.error if refused is not None else no_answer(job.account.vendor))
    state = CommandState.UNKNOWN if refused is None else CommandState.REJECTED

    def kept() -> None:
        outbox.settle(command, state, error=error if refused is not None else None)
        not_cancelled(job, command.body.get("items", ()), error)

    in_room(job, kept)
