from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.metastudio.conftest import Vendor

ROOMS = "smart-live-rooms"


async def test_a_room_keeps_every_documented_field_under_its_name_on_the_wire(vendor: Vendor) -> None:
    body: dict[str, Any] = {
        "room_name": "The Legend of Nature",
        "room_description": "Courseware",
        "scene_scripts": [
            {
                "script_name": "Nature",
                "voice_config": {"voice_asset_id": "v1", "speed": 120},
                "background_config": [{"background_type": "IMAGE", "background_config": "asset-1"}],
                "shoot_scripts": [{"sequence_no": 1, "text_config": {"text": "Hello, everyone. I'm Sara."}}],
                "something_new": [1, 2],
            }
        ],
        "video_config": {"codec": "H264", "bitrate": 2000, "width": 1080, "height": 1920, "is_subtitle_enabled": True},
        "output_urls": ["rtmp://push/live"],
        "backup_mode_l_asset_ids": ["b1"],
        "play_policy": {"repeat_count": -1},
        "priv_data": "ours",
    }
    created = await vendor.call("POST", vendor.path(ROOMS), body)
    assert created.status_code == 200
    room_id = created.json()["room_id"]
    shown = (await vendor.call("GET", vendor.path(ROOMS, room_id))).json()
    kept = [{name: value for name, value in body["scene_scripts"][0].items() if name != "something_new"}]
    assert shown["scene_scripts"] == kept
    assert shown["video_config"]["is_subtitle_enable"] is True
    assert "is_subtitle_enabled" not in shown["video_config"]
    assert shown["backup_model_asset_ids"] == ["b1"]
    assert (shown["room_type"], shown["view_mode"]) == ("NORMAL", "VERTICAL")
    assert (shown["room_id"], shown["priv_data"]) == (room_id, "ours")
    assert shown["create_time"] == "2026-03-14T06:03:22Z"


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"room_name": None}, "MSS.00000003", 400),
        ({"room_name": " "}, "MSS.00000003", 400),
        ({"room_name": 7}, "MSS.00000003", 400),
        ({"room_type": "FOREVER"}, "MSS.00000003", 400),
        ({"room_name": "Taken"}, "MSS.20010031", 400),
        ({"scene_scripts": [{"shoot_scripts": []}]}, "MSS.00000003", 400),
        (
            {"scene_scripts": [{"script_name": "S", "shoot_scripts": [{"text_config": {"text": "<speak>a</b>"}}]}]},
            "MSS.20010015",
            500,
        ),
        (
            {"scene_scripts": [{"script_name": "S", "shoot_scripts": [{"text_config": {"text": "违禁词"}}]}]},
            "MSS.20010007",
            500,
        ),
        ({"live_event_callback_config": {"live_event_type_callback_url": "http://far.example/x"}}, "MSS.20010093", 400),
        (
            {"live_event_callback_config": {"live_event_type_callback_url": "http://127.0.0.1.evil/"}},
            "MSS.20010093",
            400,
        ),
    ],
)
async def test_bad_rooms_are_refused_with_a_documented_code(
    vendor: Vendor, change: dict[str, Any], code: str, status: int
) -> None:
    await vendor.make_room(room_name="Taken")
    answer = await vendor.call("POST", vendor.path(ROOMS), {"room_name": "New", **change})
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert len(vendor.face.model.rooms) == 1


async def test_a_body_that_is_no_object_is_refused(vendor: Vendor) -> None:
    for body in ([], "text", 1):
        answer = await vendor.call("POST", vendor.path(ROOMS), body)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003")
    assert (await vendor.call("POST", vendor.path(ROOMS))).status_code == 400


async def test_update_replaces_what_it_names_and_keeps_the_rest(vendor: Vendor) -> None:
    room_id = await vendor.make_room(room_description="old", priv_data="kept")
    vendor.clock.advance(60)
    answer = await vendor.call(
        "PUT", vendor.path(ROOMS, room_id), {"room_name": "New", "room_description": "new", "scene_scripts": []}
    )
    shown = answer.json()
    assert (answer.status_code, shown["room_name"], shown["room_description"]) == (200, "New", "new")
    assert (shown["scene_scripts"], shown["priv_data"]) == ([], "kept")
    assert shown["update_time"] > shown["create_time"]


async def test_delete_and_unknown_rooms(vendor: Vendor) -> None:
    room_id = await vendor.make_room()
    deleted = await vendor.call("DELETE", vendor.path(ROOMS, room_id))
    assert (deleted.status_code, deleted.content) == (200, b"")
    gone = await vendor.call("GET", vendor.path(ROOMS, room_id))
    assert (gone.status_code, gone.json()) == (404, {"error_code": "MSS.00000002", "error_msg": "Not Found"})
    for method, body in (("PUT", {"room_name": "x"}), ("DELETE", None)):
        answer = await vendor.call(method, vendor.path(ROOMS, room_id), body)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010045")


async def test_a_room_on_air_cannot_be_deleted(vendor: Vendor) -> None:
    job = await vendor.on_air()
    answer = await vendor.call("DELETE", vendor.path(ROOMS, job.room_id))
    assert (answer.status_code, answer.json()["error_code"]) == (500, "MSS.20010036")


async def test_list_pages_and_filters(vendor: Vendor) -> None:
    for number in range(5):
        await vendor.make_room(room_name=f"Spring {number}", room_type="TEMP" if number == 4 else "NORMAL")
    job = await vendor.on_air(room_name="Autumn")

    async def names(**query: str) -> list[str]:
        answer = await vendor.call("GET", vendor.path(ROOMS), query=query)
        assert answer.status_code == 200, answer.text
        return [row["room_name"] for row in answer.json()["smart_live_rooms"]]

    assert await names(limit="2", offset="1") == ["Spring 4", "Spring 3"]
    assert await names(room_name="SPRING", limit="100") == [f"Spring {n}" for n in (4, 3, 2, 1, 0)]
    assert await names(room_type="TEMP") == ["Spring 4"]
    assert await names(live_state="PROCESSING,FAILED") == ["Autumn"]
    assert await names(live_state="NULL", room_name="4") == ["Spring 4"]
    assert await names(start_time=job.started) == ["Autumn"]
    assert await names(end_time="2020-01-01T00:00:00Z") == []
    page = await vendor.call("GET", vendor.path(ROOMS), query={"limit": "1"})
    assert page.json()["count"] == 6
    for bad in ({"limit": "-1"}, {"offset": "x"}, {"live_state": "CREATING"}, {"start_time": "yesterday"}):
        answer = await vendor.call("GET", vendor.path(ROOMS), query=bad)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003"), bad


async def test_a_temporary_room_goes_with_its_job(vendor: Vendor) -> None:
    job = await vendor.on_air(room_type="TEMP")
    await vendor.call("POST", vendor.job_path(job, "stop"))
    vendor.play(1.5)
    assert (await vendor.call("GET", vendor.path(ROOMS, job.room_id))).status_code == 404


async def test_rule_libraries(vendor: Vendor) -> None:
    path = vendor.path("smart-live-interaction-rule-groups")
    rule = {"rule_name": "price", "event_type": 1, "enabled": True}
    created = await vendor.call("POST", path, {"group_name": "Welcome", "interaction_rules": [rule]})
    group_id = created.json()["group_id"]
    again = await vendor.call("POST", path, {"group_name": "Welcome"})
    assert (again.status_code, again.json()["error_code"]) == (400, "MSS.20010084")
    listed = (await vendor.call("GET", path, query={"group_name": "wel"})).json()
    assert listed["count"] == 1
    assert listed["interaction_rule_groups"][0]["interaction_rules"][0]["rule_name"] == "price"
    updated = await vendor.call("PUT", f"{path}/{group_id}", {"group_name": "Hello"})
    assert (updated.status_code, updated.json()["group_name"]) == (200, "Hello")
    assert (await vendor.call("DELETE", f"{path}/{group_id}")).status_code == 200
    gone = await vendor.call("DELETE", f"{path}/{group_id}")
    assert (gone.status_code, gone.json()["error_code"]) == (400, "MSS.20010083")


async def test_paths_that_are_not_there(vendor: Vendor) -> None:
    unknown = await vendor.call("GET", vendor.path("nothing"))
    assert (unknown.status_code, unknown.json()["error_code"]) == (404, "MSS.00000002")
    assert (await vendor.call("PATCH", vendor.path(ROOMS))).status_code == 405
    assert (await vendor.call("GET", vendor.path("digital-assets"))).status_code == 501
