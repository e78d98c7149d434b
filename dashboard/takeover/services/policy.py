"""An admin chooses what takes a second person in a room."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib.errors import Conflict
from dashboard.rooms.models import Room
from dashboard.takeover.models import SecondPerson

FIELDS = ("kinds", "modes", "roles", "words", "approver", "within_s")


def save_second_person(*, room: Room, chosen: Mapping[str, object], version: int, actor: Actor) -> SecondPerson:
    """`chosen` has a value for each of `FIELDS`. It counts for what is said from now on; what waits keeps its terms."""
    with deeds.locked(room.topic):
        row = SecondPerson.objects.filter(room=room).first() or SecondPerson(team_id=room.team_id, room=room, version=0)
        if version != row.version:
            raise Conflict(_("Somebody changed this meanwhile. Look at it again, then choose."), field="version")
        before = {name: getattr(row, name) for name in FIELDS} if row.pk else None
        after = {name: chosen[name] for name in FIELDS}
        if before == after:
            return row
        for name, value in after.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        trail.record(
            team_id=room.team_id,
            actor=actor,
            action="save_second_person",
            target=row,
            room_id=room.pk,
            before=before,
            after=after,
        )
    return row
