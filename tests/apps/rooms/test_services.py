"""Rooms: codes, versions, scripts, imports; and the form that refuses beside its fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.audit.trail import CONSOLE
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.lib.errors import Conflict
from dashboard.rooms.forms.room import LONGEST_PARAGRAPH, MOST_PARAGRAPHS, split_script
from dashboard.rooms.models import Room, RoomDraft, ScriptItem
from dashboard.rooms.selectors import launch_problems, script_of, search
from dashboard.rooms.services.at_vendor import import_rooms, room_pushed, room_refused
from dashboard.rooms.services.edit import archive_room, create_room, update_room
from dashboard.vendors.models import Command, VendorAccount, VendorKind
from dashboard.vendors.port import PlannedItem, RoomSummary
from tests import cast as make
from tests.cast import CONFIG, SCRIPT, Cast

pytestmark = pytest.mark.django_db


def draft(account: VendorAccount, **changes: Any) -> RoomDraft:
    base = RoomDraft(
        account=account,
        code="K7Q",
        name="Tea",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        paragraphs=SCRIPT,
        config=dict(CONFIG[account.vendor]),
        output_url="rtmp://push.example.com/live/x",
        stream_key="verysecret",
    )
    return replace(base, **changes)


def create(cast: Cast, account: VendorAccount, **changes: Any) -> Room:
    return create_room(draft=draft(account, **changes), user=cast.pia.user, actor=cast.pia.actor)


def update(cast: Cast, room: Room, *, version: int | None = None, **changes: Any) -> Room:
    return update_room(
        room=room,
        draft=draft(room.account, **changes),
        version=room.version if version is None else version,
        user=cast.pia.user,
        actor=cast.pia.actor,
    )


def texts(room: Room) -> list[str]:
    return [item.text for item in script_of(room)]


# ------------------------------------------------------------------------------------------------------------- service


def test_a_new_room_has_its_script_a_fact_and_an_audit_entry(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha), paragraphs=("one", " ", " two "))
    assert (room.code, room.version, texts(room)) == ("K7Q", 1, ["one", "two"])
    assert Event.objects.get(kind=Kind.ROOM_CREATED).room_id == room.pk
    assert AuditEntry.objects.get(action="create_room", target_id=room.pk).actor_id == cast.pia.user.pk
    assert not Command.objects.filter(kind="push_room").exists()


def test_a_metastudio_room_is_pushed_to_the_vendor(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha, VendorKind.METASTUDIO))
    command = Command.objects.get(kind="push_room")
    assert (command.body, command.lane) == (
        {"room": room.pk, "version": 1},
        f"account:{room.account_id}:room:{room.pk}",
    )
    assert [problem.blocks for problem in launch_problems(room)] == [True]
    room_pushed(room, vendor_ref="v-1", version=1)
    room.refresh_from_db()
    assert (room.vendor_ref, room.pushed_version, launch_problems(room)) == ("v-1", 1, [])


def test_a_refused_push_is_said_where_the_room_is_started(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha, VendorKind.METASTUDIO))
    waiting = launch_problems(room)[0].text
    room_refused(room, {"code": "MSS.1"})
    room.refresh_from_db()
    assert launch_problems(room)[0].text != waiting
    assert update(cast, room).push_error is None


def test_a_code_is_once_per_team_and_chosen_where_none_is_given(cast: Cast) -> None:
    account = make.account(cast.alpha)
    create(cast, account)
    with pytest.raises(Conflict) as refused:
        create(cast, account, code="k7q")
    assert refused.value.field == "code"
    assert "K7Q" in refused.value.message
    assert Room.objects.count() == 1
    other = create(cast, account, code="")
    assert other.code != "K7Q"
    assert len(other.code) == 3
    assert create(cast, make.account(cast.omega)).code == "K7Q"


def test_a_change_on_an_old_version_is_refused_and_changes_nothing(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha))
    update(cast, room, name="Second")
    events = Event.objects.count()
    with pytest.raises(Conflict):
        update(cast, Room.objects.get(pk=room.pk), version=1, name="Third", paragraphs=("x",))
    kept = Room.objects.get(pk=room.pk)
    assert (kept.name, kept.version, texts(kept)) == ("Second", 2, list(SCRIPT))
    assert Event.objects.count() == events
    assert AuditEntry.objects.filter(action="edit_room").count() == 1


def test_a_change_keeps_what_the_form_leaves_empty(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha))
    Room.objects.filter(pk=room.pk).update(config={**room.config, "scene": "kept"})
    changed = update(cast, room, stream_key="", config={"resolution": "720x1280"})
    kept = Room.objects.get(pk=changed.pk)
    assert kept.stream_key == "verysecret"
    assert kept.config == {"file_id": "file-1", "resolution": "720x1280", "scene": "kept"}
    assert "verysecret" not in str(list(AuditEntry.objects.values()))


def test_an_unchanged_script_keeps_its_rows(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha))
    before = list(ScriptItem.objects.values_list("pk", flat=True))
    update(cast, room, name="Renamed")
    assert list(ScriptItem.objects.values_list("pk", flat=True)) == before
    update(cast, Room.objects.get(pk=room.pk), paragraphs=("new",))
    assert texts(room) == ["new"]


def test_an_archived_room_is_off_the_lists_once(cast: Cast) -> None:
    room = create(cast, make.account(cast.alpha))
    for _ in range(2):
        archive_room(room=room, user=cast.pia.user, actor=cast.pia.actor)
    assert list(search(cast.alpha)) == []
    assert AuditEntry.objects.filter(action="archive_room").count() == 1
    assert Event.objects.filter(kind=Kind.ROOM_ARCHIVED).count() == 1


def test_rooms_of_the_vendor_are_added_once(cast: Cast) -> None:
    account = make.account(cast.alpha, VendorKind.METASTUDIO)
    found = (
        RoomSummary("v-1", "One", None, (PlannedItem(1, 1, "", "hello"),), "rtmp://x/y", {"model_asset_id": "m"}),
        RoomSummary("v-2", "", None),
        RoomSummary("", "nameless", None),
    )
    assert import_rooms(account, found) == 2
    assert import_rooms(account, found) == 0
    one, two = Room.objects.filter(account=account).order_by("vendor_ref")
    assert (one.name, one.output_url, one.config, texts(one)) == (
        "One",
        "rtmp://x/y",
        {"model_asset_id": "m"},
        ["hello"],
    )
    assert (two.name, two.pushed_version) == ("v-2", 1)
    assert one.code != two.code
    assert not Command.objects.filter(kind="push_room").exists()
    entries = AuditEntry.objects.filter(action="import_room")
    assert [entry.actor_label for entry in entries] == [CONSOLE.label] * 2


def test_another_account_may_hold_the_same_reference(cast: Cast) -> None:
    found = [RoomSummary("v-1", "One", None)]
    accounts = [make.account(cast.alpha, VendorKind.METASTUDIO) for _ in range(2)]
    assert [import_rooms(account, found) for account in accounts] == [1, 1]


# ---------------------------------------------------------------------------------------------------------------- form


def form(at: VendorAccount, **changes: str) -> dict[str, str]:
    base = {
        "account": str(at.pk),
        "code": "K7Q",
        "name": "Tea",
        "language": "zh-hans",
        "time_zone": "Asia/Shanghai",
        "paragraphs": "\n\n".join(SCRIPT),
        "repeat_script": "on",
        "output_url": "rtmp://push.example.com/live/x",
        "stream_key": "verysecret",
        **{name: str(value) for name, value in CONFIG[at.vendor].items()},
    }
    return {name: value for name, value in (base | changes).items() if value is not None}


def post(client: Any, data: dict[str, str], code: str = "") -> HttpResponse:
    address = reverse("rooms:edit", args=["alpha", code]) if code else reverse("rooms:create", args=["alpha"])
    answer: HttpResponse = client.post(address, data)
    return answer


def test_the_form_makes_a_room(cast: Cast, sign_in: Any) -> None:
    account = make.account(cast.alpha)
    answer = post(sign_in(cast.pia), form(account))
    assert answer.status_code == 302
    room = Room.objects.get()
    assert answer["Location"] == reverse("console:desk", args=["alpha", room.code])
    assert (texts(room), room.stream_key, room.repeat_script) == (list(SCRIPT), "verysecret", True)


@pytest.mark.parametrize(
    ("vendor", "changes"),
    [
        (VendorKind.SOFTSUGAR, {"code": "K"}),
        (VendorKind.SOFTSUGAR, {"code": "K-Q"}),
        (VendorKind.SOFTSUGAR, {"name": ""}),
        (VendorKind.SOFTSUGAR, {"file_id": ""}),
        (VendorKind.SOFTSUGAR, {"output_url": "https://x/y"}),
        (VendorKind.SOFTSUGAR, {"output_url": "rtmp://"}),
        (VendorKind.SOFTSUGAR, {"time_zone": "Mars/Olympus"}),
        (VendorKind.SOFTSUGAR, {"account": "4242"}),
        (VendorKind.METASTUDIO, {"model_asset_id": ""}),
        (VendorKind.METASTUDIO, {"voice_asset_id": ""}),
    ],
)
def test_the_form_refuses_and_keeps_the_text_but_no_secret(
    cast: Cast, sign_in: Any, vendor: str, changes: dict[str, str]
) -> None:
    account = make.account(cast.alpha, vendor)
    commands = Command.objects.count()
    answer = post(sign_in(cast.pia), form(account, **changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert SCRIPT[0] in page
    assert "verysecret" not in page
    assert Room.objects.count() == 0
    assert Command.objects.count() == commands


@pytest.mark.parametrize("vendor", VendorKind)
def test_a_paragraph_beyond_the_vendors_limit_is_named_before_any_call(
    cast: Cast, sign_in: Any, vendor: VendorKind
) -> None:
    account = make.account(cast.alpha, vendor)
    commands = Command.objects.count()
    longest = LONGEST_PARAGRAPH[vendor]
    too_long = "字" * (longest + 1)
    answer = post(sign_in(cast.pia), form(account, paragraphs=f"{SCRIPT[0]}\n\n{too_long}"))
    assert answer.status_code == 422
    assert str(longest + 1) in answer.content.decode()
    assert too_long in answer.content.decode()
    assert (Room.objects.count(), Command.objects.count()) == (0, commands)
    assert post(sign_in(cast.pia), form(account, paragraphs="字" * longest)).status_code == 302


def test_too_many_paragraphs_are_refused(cast: Cast, sign_in: Any) -> None:
    account = make.account(cast.alpha)
    many = "\n\n".join(["一段话"] * (MOST_PARAGRAPHS + 1))
    assert post(sign_in(cast.pia), form(account, paragraphs=many)).status_code == 422
    assert Room.objects.count() == 0


def test_a_taken_code_is_said_beside_its_field(cast: Cast, sign_in: Any) -> None:
    account = make.account(cast.alpha)
    create(cast, account)
    answer = post(sign_in(cast.pia), form(account))
    assert answer.status_code == 422
    assert "K7Q" in answer.content.decode()
    assert Room.objects.count() == 1


def test_an_edit_of_an_old_page_keeps_the_text_and_says_why(cast: Cast, sign_in: Any) -> None:
    room = create(cast, make.account(cast.alpha))
    update(cast, room, name="Somebody else's")
    data = form(room.account, version="1", paragraphs="My own words, kept.")
    answer = post(sign_in(cast.pia), data, "K7Q")
    assert answer.status_code == 422
    assert "My own words, kept." in answer.content.decode()
    assert Room.objects.get().name == "Somebody else's"


def test_an_edit_moves_no_room_to_another_account_or_code(cast: Cast, sign_in: Any) -> None:
    room = create(cast, make.account(cast.alpha))
    other = make.account(cast.alpha)
    data = form(other, version="1", code="ZZZ", name="Renamed")
    assert post(sign_in(cast.pia), data, "K7Q").status_code == 302
    kept = Room.objects.get()
    assert (kept.account_id, kept.code, kept.name) == (room.account_id, "K7Q", "Renamed")


def test_another_teams_account_is_no_choice(cast: Cast, sign_in: Any) -> None:
    foreign = make.account(cast.omega)
    assert post(sign_in(cast.pia), form(foreign)).status_code == 422
    assert Room.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", ()), (" \n \n ", ()), ("a\nb", ("a\nb",)), ("a\r\n\r\nb\n \n\n c ", ("a", "b", "c"))],
)
def test_paragraphs_lie_between_empty_lines(text: str, parts: tuple[str, ...]) -> None:
    assert split_script(text) == parts
