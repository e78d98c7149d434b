"""Taking a command of an account's lane, as the relay that keeps the account."""

from __future__ import annotations

from dashboard.live.relay import leases
from dashboard.live.relay.keeper import Keeper
from dashboard.vendors import outbox
from dashboard.vendors.models import Command


def claim(command: Command, keeper: Keeper) -> bool:
    """False where another relay was first, or keeps the account by now."""
    return outbox.claim(
        command,
        relay=keeper.relay,
        epoch=keeper.epoch,
        still_mine=lambda: (
            keeper.alive() and leases.still_keeps_account(command.account_id, keeper.relay, keeper.epoch)
        ),
    )
