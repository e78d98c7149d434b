"""The room's own script, where only it changes: what was rewritten on air shall also be heard from its next start."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Kind
from dashboard.rooms import rows
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import script_of
from dashboard.rooms.services.push import push


def save_script(*, room: Room, lines: Sequence[tuple[int, str, str]], user: User, actor: Actor) -> Room:
    """Keep `lines` (scene number, title, text) as the room's script, in the scenes that it has."""
    with deeds.locked(room.topic):
        room.refresh_from_db()
        before = {"script": [item.text for item in script_of(room)]}
        rows.write_lines(room, lines)
        room.version, room.push_error = room.version + 1, None
        room.save(update_fields=["version", "push_error"])
        fact, after = room_fact(room, Kind.ROOM_CHANGED, Changed(), user=user), {"script": [text for *_, text in lines]}
        deeds.record([fact], actor=actor, action="edit_room", target=room, before=before, after=after)
        push(room)
    return room
