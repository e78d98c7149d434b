"""What producers do with rooms. Each function is one intention: check, one transaction, record, audit, enqueue."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import CONSOLE, Actor
from dashboard.events.kinds import Changed, Fact, Kind, Nothing, Payload
from dashboard.events.models import Source
from dashboard.events.record import Projections, lock_topic, raise_sequence, record_many
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.rooms.models import Room, RoomDraft, Scene, ScriptItem
from dashboard.rooms.selectors import script_of
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandKind, Rank, VendorAccount, VendorKind
from dashboard.vendors.port import PlannedItem, RoomPlan, RoomSummary

#: Letters and digits that nobody confuses when a code is spoken or typed.
CODE_LETTERS = "ACDEFHJKLMNPQRTWXY"
CODE_DIGITS = "2345679"


def create_room(*, draft: RoomDraft, user: User | None, actor: Actor) -> Room:
    """Add a room; a MetaStudio room is then created at the vendor too."""
    code = draft.code.upper() or free_code(draft.account.team_id)
    try:
        with transaction.atomic():
            room = Room.objects.create(
                team_id=draft.account.team_id,
                account=draft.account,
                code=code,
                name=draft.name,
                cover=draft.cover,
                language=draft.language,
                time_zone=draft.time_zone,
                config=draft.config,
                repeat_script=draft.repeat_script,
                output_url=draft.output_url,
                stream_key=draft.stream_key,
                created_at=clock.now(),
            )
            lock_topic(room.topic)
            _write_script(room, draft.paragraphs)
            _record(room, Kind.ROOM_CREATED, Nothing(), user)
            trail.record(team_id=room.team_id, actor=actor, action="create_room", target=room, room_id=room.pk)
            _push(room)
            raise_sequence(f"team:{room.team_id}")
    except IntegrityError:
        raise Conflict(
            _("The code %(code)s is taken in this team. Choose another one.") % {"code": code}, field="code"
        ) from None
    return room


def update_room(*, room: Room, draft: RoomDraft, version: int, user: User, actor: Actor) -> Room:
    """Change a room as a whole. A running job keeps the script it started with."""
    with transaction.atomic():
        lock_topic(room.topic)
        room.refresh_from_db()
        if room.version != version:
            raise Conflict(
                _("Somebody changed this room while you edited it. Your text is kept; compare and save again.")
            )
        before = {"name": room.name}
        address_changed = room.output_url != draft.output_url
        room.name, room.language, room.time_zone = draft.name, draft.language, draft.time_zone
        room.config, room.output_url = {**room.config, **draft.config}, draft.output_url
        if draft.stream_key:
            room.stream_key = draft.stream_key
        room.repeat_script, room.version, room.push_error = draft.repeat_script, version + 1, None
        room.save()
        if [item.text for item in script_of(room)] != list(draft.paragraphs):
            Scene.objects.filter(room=room).delete()
            _write_script(room, draft.paragraphs)
        _record(room, Kind.ROOM_CHANGED, Changed(), user)
        trail.record(
            team_id=room.team_id,
            actor=actor,
            action="edit_room",
            target=room,
            room_id=room.pk,
            before=before,
            # Push addresses often carry their key: the trail tells that one changed, never which.
            after={"name": room.name, **({"output_url": "changed"} if address_changed else {})},
        )
        _push(room)
    return room


def archive_room(*, room: Room, user: User, actor: Actor) -> None:
    """Take a room off the lists. The caller has made sure that no job of it runs."""
    with transaction.atomic():
        lock_topic(room.topic)
        if Room.objects.filter(pk=room.pk, archived_at=None).update(archived_at=clock.now()):
            _record(room, Kind.ROOM_ARCHIVED, Nothing(), user)
            trail.record(team_id=room.team_id, actor=actor, action="archive_room", target=room, room_id=room.pk)
            raise_sequence(f"team:{room.team_id}")


def _write_script(room: Room, paragraphs: Sequence[str]) -> None:
    scene = Scene.objects.create(room=room, no=1, name=room.name[:120])
    ScriptItem.objects.bulk_create(
        ScriptItem(scene=scene, no=no, text=text.strip()) for no, text in enumerate(paragraphs, start=1) if text.strip()
    )


def _record(room: Room, kind: Kind, payload: Payload, user: User | None) -> None:
    fact = Fact(
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
    record_many([fact], Projections())


def _push(room: Room) -> None:
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


def free_code(team_id: int) -> str:
    """A code that nobody in the team uses: letter, digit, letter."""
    taken = set(Room.objects.filter(team_id=team_id).values_list("code", flat=True))
    for length in (3, 4):
        for _attempt in range(500):
            code = "".join(secrets.choice(CODE_DIGITS if at % 2 else CODE_LETTERS) for at in range(length))
            if code not in taken:
                return code
    raise Invalid(_("All short codes are in use. Choose one of four characters."), field="code")


def room_plan(room: Room) -> RoomPlan:
    items = tuple(
        PlannedItem(no, item.scene.no, item.title, item.text) for no, item in enumerate(script_of(room), start=1)
    )
    return RoomPlan(
        code=room.code,
        name=room.name,
        language=room.language,
        items=items,
        config=room.config,
        output_url=room.output_url,
        stream_key=room.stream_key,
        vendor_ref=room.vendor_ref,
        repeat_script=room.repeat_script,
    )


def room_pushed(room: Room, *, vendor_ref: str, version: int) -> None:
    """The vendor holds this version of the room now."""
    with transaction.atomic():
        lock_topic(room.topic)
        Room.objects.filter(pk=room.pk).update(
            vendor_ref=vendor_ref or room.vendor_ref, pushed_version=version, push_error=None
        )
        _record(room, Kind.ROOM_CHANGED, Changed(fields=("vendor_ref",)), None)


def room_refused(room: Room, error: dict[str, object]) -> None:
    with transaction.atomic():
        lock_topic(room.topic)
        Room.objects.filter(pk=room.pk).update(push_error=error)
        _record(room, Kind.ROOM_CHANGED, Changed(fields=("push_error",)), None)


def known_refs(account: VendorAccount) -> set[str]:
    return set(Room.objects.filter(account=account).exclude(vendor_ref="").values_list("vendor_ref", flat=True))


def import_rooms(account: VendorAccount, found: Sequence[RoomSummary]) -> int:
    """Add the vendor's rooms that are not here yet, under free codes; how many were new."""
    known = known_refs(account)
    added = 0
    for summary in found:
        if not summary.vendor_ref or summary.vendor_ref in known:
            continue
        with transaction.atomic():
            room = Room.objects.create(
                team_id=account.team_id,
                account=account,
                code=free_code(account.team_id),
                name=summary.name[:120] or summary.vendor_ref[:12],
                config=dict(summary.config),
                output_url=summary.output_url,
                vendor_ref=summary.vendor_ref,
                pushed_version=1,
                created_at=clock.now(),
            )
            lock_topic(room.topic)
            _write_script(room, [item.text for item in summary.items])
            _record(room, Kind.ROOM_CREATED, Nothing(), None)
            trail.record(team_id=room.team_id, actor=CONSOLE, action="import_room", target=room, room_id=room.pk)
            raise_sequence(f"team:{room.team_id}")
        added += 1
    return added
