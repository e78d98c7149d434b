"""The rows that a room consists of: itself under a free code, and its script."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.utils.translation import gettext as _

from dashboard.events.record import lock_topic
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.rooms.fit import check_fits
from dashboard.rooms.models import Room, RoomDraft, RulesAtVendor, RuleSet, Scene, ScriptItem
from dashboard.rooms.selectors import script_of
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import RoomSummary

#: Letters and digits that nobody confuses when a code is spoken or typed.
CODE_LETTERS = "ACDEFHJKLMNPQRTWXY"
CODE_DIGITS = "2345679"


def drafted_room(draft: RoomDraft, code: str) -> Room:
    """A room as somebody described it. Its topic is locked from now on."""
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
        rule_set=held_rule_set(draft),
        output_url=draft.output_url,
        stream_key=draft.stream_key,
        created_at=clock.now(),
    )
    lock_topic(room.topic)
    _write_script(room, draft.paragraphs)
    return room


def imported_room(account: VendorAccount, found: RoomSummary) -> Room:
    """A room as its vendor holds it, under a free code. Its topic is locked from now on."""
    room = Room.objects.create(
        team_id=account.team_id,
        account=account,
        code=free_code(account.team_id),
        name=found.name[:120] or found.vendor_ref[:12],
        config=dict(found.config),
        output_url=found.output_url,
        rules_at_vendor=RulesAtVendor.THEIRS if found.has_rules else RulesAtVendor.NONE,
        vendor_ref=found.vendor_ref,
        pushed_version=1,
        created_at=clock.now(),
    )
    lock_topic(room.topic)
    _write_script(room, [item.text for item in found.items])
    return room


def fill_room(room: Room, found: RoomSummary) -> None:
    """`room` as its vendor holds it. Its topic is locked by the caller."""
    Room.objects.filter(pk=room.pk).update(
        name=found.name[:120] or room.name,
        config=dict(found.config),
        output_url=found.output_url,
        rules_at_vendor=RulesAtVendor.THEIRS if found.has_rules else RulesAtVendor.NONE,
        push_error=None,
    )
    replace_script(room, [item.text for item in found.items])


def held_rule_set(draft: RoomDraft) -> RuleSet | None:
    """The chosen rules, which stay for the rest of the transaction: nobody deletes or changes them meanwhile."""
    if draft.rule_set is None:
        return None
    row = RuleSet.objects.select_for_update().filter(pk=draft.rule_set.pk).first()
    if row is None:
        raise Conflict(_("Somebody deleted these rules meanwhile. Choose others."), field="rule_set")
    check_fits(draft.account.vendor, row)
    return row


def replace_script(room: Room, paragraphs: Sequence[str]) -> None:
    """Write the script anew where it reads otherwise now."""
    if [item.text for item in script_of(room)] != list(paragraphs):
        Scene.objects.filter(room=room).delete()
        _write_script(room, paragraphs)


def write_lines(room: Room, lines: Sequence[tuple[int, str, str]]) -> None:
    """The script anew as (scene number, title, text); a scene that stays keeps its name and settings."""
    scenes = {scene.no: scene for scene in Scene.objects.filter(room=room)}
    numbers = sorted({no for no, *_ in lines})
    Scene.objects.filter(room=room).exclude(no__in=numbers).delete()
    ScriptItem.objects.filter(scene__room=room).delete()
    for number in numbers:
        scene = scenes.get(number) or Scene.objects.create(room=room, no=number, name=room.name[:120])
        own = [(title, text) for no, title, text in lines if no == number]
        ScriptItem.objects.bulk_create(
            ScriptItem(scene=scene, no=no, title=title, text=text) for no, (title, text) in enumerate(own, start=1)
        )


def _write_script(room: Room, paragraphs: Sequence[str]) -> None:
    scene = Scene.objects.create(room=room, no=1, name=room.name[:120])
    ScriptItem.objects.bulk_create(
        ScriptItem(scene=scene, no=no, text=text.strip()) for no, text in enumerate(paragraphs, start=1) if text.strip()
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
