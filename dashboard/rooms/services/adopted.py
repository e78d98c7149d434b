"""Rooms for jobs that were started elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.events.kinds import Kind
from dashboard.lib.errors import Conflict
from dashboard.rooms import rows
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandKind, Rank, UnclaimedSession
from dashboard.vendors.port import RoomSummary

if TYPE_CHECKING:
    from dashboard.accounts.models import User
    from dashboard.audit.trail import Actor


def adopted_room(session: UnclaimedSession, *, user: User, actor: Actor) -> Room:
    """A new room for `session`; what its vendor holds of it is fetched. Its topic is locked from now on."""
    if session.room_ref and Room.objects.filter(account=session.account, vendor_ref=session.room_ref).exists():
        raise Conflict(_("The vendor runs this job in a room that is here already. Choose that one."), field="room")
    name = _("Adopted %(ref)s") % {"ref": session.vendor_ref[:12]}
    room = rows.imported_room(session.account, RoomSummary(session.room_ref, name, None))
    fact = room_fact(room, Kind.ROOM_CREATED, user=user)
    deeds.record([fact], actor=actor, action="create_room", target=room, on_lists=True)
    if session.room_ref:
        outbox.enqueue(
            account_id=session.account_id,
            lane=f"account:{session.account_id}:import",
            kind=CommandKind.IMPORT_ROOMS,
            body={"into": room.pk},
            rank=Rank.PERSON,
        )
    return room


def check_fits_session(room: Room, session: UnclaimedSession) -> None:
    """A job is addressed by its room at vendors that hold rooms: another one's would lead nowhere."""
    if room.account_id != session.account_id or room.archived_at is not None:
        raise Conflict(_("Only a room of the same vendor account can take this job over."), field="room")
    if session.room_ref and room.vendor_ref != session.room_ref:
        held = Room.objects.filter(account_id=session.account_id, vendor_ref=session.room_ref).first()
        if held is not None:
            text = _("The vendor runs this job in %(code)s. Only that room can take it over.")
            raise Conflict(text % {"code": held.code}, field="room")
        text = _("%(code)s is another room at the vendor. Leave the room empty: the vendor's own is fetched.")
        raise Conflict(text % {"code": room.code}, field="room")
