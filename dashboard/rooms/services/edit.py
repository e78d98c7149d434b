"""Producers add rooms, change them, and take them off the lists."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Kind
from dashboard.lib.errors import Conflict
from dashboard.rooms import rows
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room, RoomDraft
from dashboard.rooms.services.push import push


def create_room(*, draft: RoomDraft, user: User | None, actor: Actor) -> Room:
    """Add a room; a MetaStudio room is then created at the vendor too."""
    code = draft.code.upper() or rows.free_code(draft.account.team_id)
    try:
        with transaction.atomic():
            room = rows.drafted_room(draft, code)
            fact = room_fact(room, Kind.ROOM_CREATED, user=user)
            deeds.record([fact], actor=actor, action="create_room", target=room, on_lists=True)
            push(room)
    except IntegrityError:
        raise Conflict(
            _("The code %(code)s is taken in this team. Choose another one.") % {"code": code}, field="code"
        ) from None
    return room


def update_room(*, room: Room, draft: RoomDraft, version: int, user: User, actor: Actor) -> Room:
    """Change a room as a whole. A running job keeps the script it started with."""
    with deeds.locked(room.topic):
        room.refresh_from_db()
        if room.version != version:
            raise Conflict(
                _("Somebody changed this room while you edited it. Your text is kept; compare and save again.")
            )
        before: dict[str, object] = {"name": room.name}
        after: dict[str, object] = {"name": draft.name}
        if room.rule_set != draft.rule_set:
            before["rules"], after["rules"] = str(room.rule_set or ""), str(draft.rule_set or "")
        if room.output_url != draft.output_url:
            # Push addresses often carry their key: the trail tells that one changed, never which.
            after["output_url"] = "changed"
        _fill(room, draft)
        fact = room_fact(room, Kind.ROOM_CHANGED, Changed(), user=user)
        deeds.record([fact], actor=actor, action="edit_room", target=room, before=before, after=after)
        push(room)
    return room


def _fill(room: Room, draft: RoomDraft) -> None:
    room.name, room.language, room.time_zone = draft.name, draft.language, draft.time_zone
    room.config, room.output_url = {**room.config, **draft.config}, draft.output_url
    if draft.stream_key:  # an empty one keeps what is stored: it is never shown again
        room.stream_key = draft.stream_key
    room.repeat_script, room.version, room.push_error = draft.repeat_script, room.version + 1, None
    room.rule_set = rows.held_rule_set(draft)
    room.save()
    rows.replace_script(room, draft.paragraphs)


def archive_room(*, room: Room, user: User, actor: Actor) -> None:
    """Take a room off the lists. The caller has made sure that no job of it runs."""
    with deeds.locked(room.topic) as now:
        if Room.objects.filter(pk=room.pk, archived_at=None).update(archived_at=now):
            fact = room_fact(room, Kind.ROOM_ARCHIVED, user=user)
            deeds.record([fact], actor=actor, action="archive_room", target=room, on_lists=True)
