"""Facts about rooms, as of now: what people change, and what becomes of a room at its vendor."""

from __future__ import annotations

import uuid

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Kind, Nothing, Payload
from dashboard.events.models import Source
from dashboard.lib import clock
from dashboard.rooms.models import Room

_NOTHING = Nothing()


def room_fact(room: Room, kind: Kind, payload: Payload = _NOTHING, *, user: User | None = None) -> Fact:
    return Fact(
        kind=kind,
        payload=payload,
        source=Source.OPERATOR if user else Source.CONSOLE,
        dedupe_key=f"{kind}:{room.pk}:{room.version}:{uuid.uuid4().hex[:12]}",
        at=clock.now(),
        team_id=room.team_id,
        account_id=room.account_id,
        room_id=room.pk,
        actor_id=user.pk if user else None,
    )
