"""Rooms and their vendor: ours are pushed there, and those that only the vendor has are imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from dashboard.accounts import deeds
from dashboard.audit.trail import CONSOLE
from dashboard.events.kinds import Changed, Kind
from dashboard.events.record import Projections, record_many
from dashboard.rooms import rows
from dashboard.rooms.facts import room_fact
from dashboard.rooms.models import Room, RulesAtVendor
from dashboard.rooms.selectors import script_of
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import PlannedItem, RoomPlan, RoomSummary


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
        rules=_rules(room),
    )


def _rules(room: Room) -> tuple[Mapping[str, object], ...] | None:
    """Rules that the vendor's own people made are left alone until somebody chooses others here."""
    if room.rule_set is not None:
        return tuple(room.rule_set.rules)
    return () if room.rules_at_vendor == RulesAtVendor.OURS else None


def push_plan(room_id: int) -> RoomPlan:
    """The room as it is about to leave. That it brings rules is noted before: no answer disproves it."""
    with deeds.locked(f"room:{room_id}"):
        room = Room.objects.select_related("rule_set").get(pk=room_id)
        plan = room_plan(room)
        if plan.rules:
            Room.objects.filter(pk=room_id).update(rules_at_vendor=RulesAtVendor.OURS)
    return plan


def room_pushed(room: Room, *, vendor_ref: str, version: int, without_rules: bool = False) -> None:
    """The vendor holds this version of the room now. `without_rules`: it was told to have none."""
    with deeds.locked(room.topic):
        Room.objects.filter(pk=room.pk).update(
            vendor_ref=vendor_ref or room.vendor_ref, pushed_version=version, push_error=None
        )
        if without_rules:
            Room.objects.filter(pk=room.pk).update(rules_at_vendor=RulesAtVendor.NONE)
        _changed(room, "vendor_ref")


def room_refused(room: Room, error: dict[str, object]) -> None:
    with deeds.locked(room.topic):
        Room.objects.filter(pk=room.pk).update(push_error=error)
        _changed(room, "push_error")


def _changed(room: Room, name: str) -> None:
    """Only a fact, no line of the trail: nobody did this on purpose."""
    record_many([room_fact(room, Kind.ROOM_CHANGED, Changed(fields=(name,)))], Projections())


def known_refs(account: VendorAccount) -> set[str]:
    return set(Room.objects.filter(account=account).exclude(vendor_ref="").values_list("vendor_ref", flat=True))


def room_ref(room_id: int) -> str:
    return Room.objects.values_list("vendor_ref", flat=True).get(pk=room_id)


def fill_room(room_id: int, found: RoomSummary) -> None:
    """What the vendor holds of a room that was made here for a job it runs; what people changed meanwhile stays."""
    with deeds.locked(f"room:{room_id}"):
        room = Room.objects.get(pk=room_id)
        if room.version == 1 and not room.config and not script_of(room):
            rows.fill_room(room, found)
            _changed(room, "vendor_ref")


def import_rooms(account: VendorAccount, found: Sequence[RoomSummary]) -> int:
    """Add the vendor's rooms that are not here yet, under free codes; how many were new."""
    known = known_refs(account)
    added = 0
    for summary in found:
        if not summary.vendor_ref or summary.vendor_ref in known:
            continue
        with transaction.atomic():
            room = rows.imported_room(account, summary)
            fact = room_fact(room, Kind.ROOM_CREATED)
            deeds.record([fact], actor=CONSOLE, action="import_room", target=room, on_lists=True)
        added += 1
    return added
