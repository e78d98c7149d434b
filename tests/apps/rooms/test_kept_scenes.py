"""Scenes kept with a room: renamed and deleted by producers, and what is on air stays as it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.rooms.models import Room, ScenePreset
from dashboard.rooms.services.presets import save_preset
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(cast: Cast) -> Room:
    return make.room(make.account(cast.alpha))


def kept(room: Room, cast: Cast, name: str) -> ScenePreset:
    change = {"change_bit_rate": 5}
    return save_preset(room=room, name=name, change=change, user=cast.pia.user, actor=cast.pia.actor)


def post(client: Any, name: str, room: Room, *args: int, confirmed: bool = False, **fields: str) -> Any:
    headers = {"HX-Request": "true"} | ({"X-Confirmed": "1"} if confirmed else {})
    return client.post(reverse(f"takeover:{name}", args=["alpha", room.code, *args]), fields, headers=headers)


def names(room: Room) -> list[str]:
    return list(room.presets.values_list("name", flat=True))


def test_a_kept_scene_stands_in_the_list_at_once(room: Room, cast: Cast, sign_in: Any) -> None:
    answer = post(sign_in(cast.pia), "keep_scene", room, bit_rate="5", key="-", preset_name=" Sharp ")
    assert (answer.status_code, names(room)) == (200, ["Sharp"])
    assert ">Sharp</option>" in answer.content.decode()


def test_it_is_renamed_and_says_the_same(room: Room, cast: Cast, sign_in: Any) -> None:
    preset = kept(room, cast, "Sharp")
    answer = post(sign_in(cast.pia), "rename_scene", room, preset.pk, preset_name="Crisp")
    assert (answer.status_code, names(room)) == (200, ["Crisp"])
    assert ">Crisp</option>" in answer.content.decode()
    preset.refresh_from_db()
    assert preset.change == {"change_bit_rate": 5}
    entry = AuditEntry.objects.get(action="rename_preset")
    assert (entry.before, entry.after) == ({"preset": "Sharp"}, {"preset": "Crisp"})


def test_a_name_that_another_has_or_none_is_refused(room: Room, cast: Cast, sign_in: Any) -> None:
    preset = kept(room, cast, "Sharp")
    kept(room, cast, "Wide")
    client = sign_in(cast.pia)
    taken = post(client, "rename_scene", room, preset.pk, preset_name="Wide")
    assert taken.status_code == 409
    assert "Wide" in unquote(taken["X-Toast"])
    assert post(client, "rename_scene", room, preset.pk, preset_name="  ").status_code == 422
    assert names(room) == ["Sharp", "Wide"]
    post(client, "rename_scene", room, preset.pk, preset_name="Sharp")
    assert not AuditEntry.objects.filter(action="rename_preset").exists()


def test_it_is_deleted_by_the_second_press(room: Room, cast: Cast, sign_in: Any) -> None:
    preset = kept(room, cast, "Sharp")
    client = sign_in(cast.pia)
    assert post(client, "delete_scene", room, preset.pk).status_code == 428
    assert names(room) == ["Sharp"]
    answer = post(client, "delete_scene", room, preset.pk, confirmed=True)
    assert (answer.status_code, names(room)) == (200, [])
    assert "<option" not in answer.content.decode()
    entry = AuditEntry.objects.get(action="delete_preset")
    assert entry.before == {"preset": "Sharp", "change": {"change_bit_rate": 5}}
    assert post(client, "delete_scene", room, preset.pk, confirmed=True).status_code == 404


def test_of_another_room_or_team_it_is_not_there(room: Room, cast: Cast, sign_in: Any) -> None:
    preset = kept(room, cast, "Sharp")
    other = make.room(room.account)
    assert post(sign_in(cast.pia), "delete_scene", other, preset.pk, confirmed=True).status_code == 404
    assert post(sign_in(cast.zoe), "delete_scene", room, preset.pk, confirmed=True).status_code == 404
    assert names(room) == ["Sharp"]
