"""Producers delete rule sets that nobody needs, or that a room must not answer by any longer."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Kind
from dashboard.events.record import Projections, lock_topic, record_many
from dashboard.lib.errors import Conflict
from dashboard.rooms import rule_rows
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room, RuleSet
from dashboard.rooms.selectors import rooms_using
from dashboard.rooms.services.push import push


def delete_rule_set(*, rule_set: RuleSet, used_by: Collection[str], user: User, actor: Actor, reason: str) -> None:
    """Delete a set and take it from its rooms, which must still be those (by code) that the person was shown."""
    with transaction.atomic():
        rooms = rooms_using(rule_set)
        for room in sorted(rooms, key=lambda one: one.pk):
            lock_topic(room.topic)
        row = rule_rows.locked(rule_set)
        using = {room.code for room in rooms_using(row)}
        if using != set(used_by) or using != {room.code for room in rooms}:
            raise Conflict(_("Other rooms use these rules by now: look at the list again. Nothing was deleted."))
        for room in rooms:
            _take_from(room, user)
        before = {"name": row.name, "rules": row.rules, "rooms": sorted(using)}
        trail.record(team_id=row.team_id, actor=actor, action="delete_rules", target=row, reason=reason, before=before)
        row.delete()


def _take_from(room: Room, user: User) -> None:
    Room.objects.filter(pk=room.pk).update(rule_set=None, version=room.version + 1)
    room.refresh_from_db()
    record_many([room_fact(room, Kind.ROOM_CHANGED, Changed(fields=("rule_set",)), user=user)], Projections())
    push(room)
