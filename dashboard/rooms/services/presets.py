"""Changes of the scene that are kept with their room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Kind
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room, ScenePreset


def save_preset(*, room: Room, name: str, change: Mapping[str, Any], user: User, actor: Actor) -> ScenePreset:
    """Keep `change` under `name`; one of that name is replaced."""
    with deeds.locked(room.topic):
        preset, _made = ScenePreset.objects.update_or_create(room=room, name=name, defaults={"change": dict(change)})
        fact, after = room_fact(room, Kind.ROOM_CHANGED, Changed(), user=user), {"preset": name, "change": dict(change)}
        deeds.record([fact], actor=actor, action="save_preset", target=preset, after=after)
    return preset
