"""Bringing a room to a vendor that holds rooms."""

from __future__ import annotations

from dashboard.rooms.models import Room
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandKind, Rank, VendorKind


def push(room: Room) -> None:
    """Let the vendor have the room as it will be when the command leaves. Runs in the caller's transaction."""
    if room.account.vendor != VendorKind.METASTUDIO:
        return
    outbox.enqueue(
        account_id=room.account_id,
        lane=f"account:{room.account_id}:room:{room.pk}",
        kind=CommandKind.PUSH_ROOM,
        body={"room": room.pk, "version": room.version},
        subject=f"room:{room.pk}",
        rank=Rank.SCRIPT,
    )
