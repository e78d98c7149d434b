"""Changes of the scene that are kept with their room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Kind
from dashboard.lib.errors import Conflict
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room, ScenePreset


def save_preset(*, room: Room, name: str, change: Mapping[str, Any], user: User, actor: Actor) -> ScenePreset:
    """Keep `change` under `name`; one of that name is replaced."""
    with deeds.locked(room.topic):
        preset, _made = ScenePreset.objects.update_or_create(room=room, name=name, defaults={"change": dict(change)})
        _tell(preset, "save_preset", user, actor, after={"preset": name, "change": dict(change)})
    return preset


def rename_preset(*, preset: ScenePreset, name: str, user: User, actor: Actor) -> ScenePreset:
    """Nothing else of it changes; another one's name is refused."""
    with deeds.locked(preset.room.topic):
        preset.refresh_from_db()
        if preset.name == name:  # the same press once more
            return preset
        if ScenePreset.objects.filter(room=preset.room, name=name).exists():
            raise Conflict(_("Another kept scene of this room is called %(name)s.") % {"name": name})
        before, preset.name = preset.name, name
        preset.save(update_fields=["name"])
        _tell(preset, "rename_preset", user, actor, before={"preset": before}, after={"preset": name})
    return preset


def delete_preset(*, preset: ScenePreset, user: User, actor: Actor) -> None:
    """It can't be chosen any more; what is on air, and what waits to be shown, stays as it is."""
    with deeds.locked(preset.room.topic):
        _tell(preset, "delete_preset", user, actor, before={"preset": preset.name, "change": preset.change})
        ScenePreset.objects.filter(pk=preset.pk).delete()


def _tell(
    preset: ScenePreset,
    action: str,
    user: User,
    actor: Actor,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    fact = room_fact(preset.room, Kind.ROOM_CHANGED, Changed(), user=user)
    deeds.record([fact], actor=actor, action=action, target=preset, before=before, after=after)
