"""Bugs put into the product on purpose: of the kind that makes a sentence heard twice or never taken back, and, for
"heard in", of the kind that makes its promise wrong.

The properties are worth what they catch: `test_props.py` asserts that each of these is caught, and how it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.live.relay import doubts, leases, supervisor
from dashboard.live.relay.outcomes import items
from dashboard.takeover import measured, taking_back
from dashboard.vendors import outbox
from dashboard.vendors.models import SPEAKS, Command, CommandState


def resend_on_timeout() -> None:
    """A sentence whose answer did not come is put back and sent again."""

    def send_again(item: Any, command: Command, why: str) -> None:
        outbox.put_back(command, after_s=0.5, reason=why)

    items.item_unsure = send_again
    doubts.item_unsure = send_again


def ignored_cancel() -> None:
    """The ledger says cancelled; the command that speaks stays in the outbox."""

    def keep(item: Any) -> int:
        return 0

    taking_back.commands.take_back = keep
    taking_back.commands.clear_speech = lambda job: None


def missing_fence() -> None:
    """Nobody asks for the epoch: what an earlier keeper was sending is taken up and sent by the next one too."""
    leases.still_keeps_job = lambda job_id, name, epoch: True

    def take_up(job_ids: tuple[int, ...], relay: str) -> list[Command]:
        orphans = list(Command.objects.filter(job_id__in=job_ids, state=CommandState.SENDING).exclude(relay=relay))
        for command in orphans:
            if command.kind in SPEAKS:
                outbox.put_back(command, after_s=0.0, reason="relay_lost")
            else:
                doubts.doubt(command, "relay_lost")
        return orphans

    supervisor.doubts.orphaned_commands = take_up


def no_epoch() -> None:
    """The fence alone: a relay that was taken for dead goes on claiming."""
    leases.still_keeps_job = lambda job_id, name, epoch: True


def deaf() -> None:
    """No room's voice is measured: what is heard in it tells nothing of what comes."""
    measured.on_finished = lambda item: None


PLANTS: dict[str, Callable[[], None]] = {
    "resend": resend_on_timeout,
    "cancel": ignored_cancel,
    "fence": missing_fence,
    "epoch": no_epoch,
    "voices": deaf,
}


def plant(name: str) -> None:
    PLANTS[name]()
