"""Which product is on air in a room: its quick replies speak of it, and its price is checked in all words."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Kind
from dashboard.library.models import Product
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room


def put_on_air(*, room: Room, product: Product | None, user: User | None, actor: Actor) -> Room:
    """The same choice once more changes nothing."""
    with deeds.locked(room.topic):
        room.refresh_from_db(fields=["product"])
        before = room.product
        if before == product:
            return room
        room.product = product
        room.save(update_fields=["product"])
        fact = room_fact(room, Kind.ROOM_CHANGED, Changed(), user=user)
        was, now = {"product": str(before or "")}, {"product": str(product or "")}
        deeds.record([fact], actor=actor, action="put_on_air", target=room, before=was, after=now)
    return room
