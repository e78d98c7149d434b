"""Content review: refused at once with the field's own code, or frozen after somebody heard it."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.sandbox.metastudio_review import FROZEN, REFUSED
from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

ROOMS = "smart-live-rooms"
GROUPS = "smart-live-interaction-rule-groups"
BAD = REFUSED[1]


def scene(**fields: Any) -> dict[str, Any]:
    return {"scene_scripts": [{"script_name": "S", "shoot_scripts": [], **fields}]}


def rule(**fields: Any) -> dict[str, Any]:
    return {"interaction_rules": [{"event_type": 1, **fields}]}


FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"room_name": f"My {BAD} room"}, "MSS.20010030"),
    ({"room_description": BAD}, "MSS.20010032"),
    (scene(script_name=BAD), "MSS.20010017"),
    (scene(script_description=BAD), "MSS.20010033"),
    (scene(shoot_scripts=[{"title": BAD}]), "MSS.20010034"),
    (scene(shoot_scripts=[{"text_config": {"text": f"<speak>So {BAD}</speak>"}}]), "MSS.20010007"),
    (rule(rule_name=BAD), "MSS.20010038"),
    (rule(trigger={"reply_texts": ["fine", BAD]}), "MSS.20010038"),
]


@pytest.mark.parametrize(("change", "code"), FIELDS, ids=[code + str(n) for n, (_, code) in enumerate(FIELDS)])
async def test_each_reviewed_field_has_its_own_code(vendor: Vendor, change: dict[str, Any], code: str) -> None:
    body = {"room_name": "New", **change}
    answer = await vendor.call("POST", vendor.path(ROOMS), body)
    assert (answer.status_code, answer.json()["error_code"]) == (500, code)
    assert len(vendor.face.model.rooms) == 0
    room_id = await vendor.make_room(room_name="Old")
    answer = await vendor.call("PUT", vendor.path(ROOMS, room_id), body)
    assert (answer.status_code, answer.json()["error_code"]) == (500, code)
    assert vendor.face.model.rooms[room_id].name == "Old"


async def test_no_need_review_counts_for_accounts_in_the_whitelist_only(vendor: Vendor) -> None:
    body = {"room_name": f"The {BAD}", "review_config": {"no_need_review": True}}
    assert (await vendor.call("POST", vendor.path(ROOMS), body)).status_code == 500
    vendor.face.switches.configure({"review_whitelist": True})
    assert (await vendor.call("POST", vendor.path(ROOMS), body)).status_code == 200
    still = {"room_name": f"Another {BAD}", "review_config": {"no_need_review": False}}
    assert (await vendor.call("POST", vendor.path(ROOMS), still)).status_code == 500
    spared = {"rule_name": BAD, "review_config": {"no_need_review": True}}
    group = {"group_name": "G", "interaction_rules": [spared]}
    assert (await vendor.call("POST", vendor.path(GROUPS), group)).status_code == 200


async def test_live_commands_are_reviewed_and_may_be_spared(vendor: Vendor) -> None:
    job = await vendor.on_air([SCRIPT] * 3)
    for command, params, code in (
        ("INSERT_PLAY_SCRIPT", {"text_config": {"text": BAD}}, "MSS.20010055"),
        ("REWRITE_PLAY_SCRIPT", scene(shoot_scripts=[{"text_config": {"text": BAD}}]), "MSS.20010007"),
        ("REWRITE_INTERACTION_RULES", rule(trigger={"reply_texts": [BAD]}), "MSS.20010038"),
    ):
        answer = await vendor.command(job, command, params)
        assert (answer.status_code, answer.json()["error_code"]) == (500, code)
    assert BAD in (await vendor.command(job, "INSERT_PLAY_SCRIPT", {"text_config": {"text": BAD}})).json()["error_msg"]
    assert not job.player.queue
    vendor.face.switches.configure({"review_whitelist": True})
    body = {
        "command": "INSERT_PLAY_SCRIPT",
        "params": {"text_config": {"text": BAD}},
        "review_config": {"no_need_review": True},
    }
    assert (await vendor.call("POST", vendor.job_path(job, "command"), body)).status_code == 200
    assert vendor.heard(job)[-1]["text"] == BAD


@pytest.mark.parametrize("match", ["REGEX", "MATH_GT", "MATH_EQ"])
async def test_a_condition_that_can_never_hold_is_refused(vendor: Vendor, match: str) -> None:
    rules = rule(rule_name="price", hit_condition={"tags": [{"tag": "content", "match": match, "value": "("}]})
    for path, name in ((ROOMS, "room_name"), (GROUPS, "group_name")):
        answer = await vendor.call("POST", vendor.path(path), {name: "New", **rules})
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010110")
        assert "price" in answer.json()["error_msg"]


async def test_what_somebody_reports_ends_the_task_and_blocks_its_room(vendor: Vendor) -> None:
    job = await vendor.on_air([SCRIPT] * 3, room_name="Frozen")
    await vendor.say(job, f"This is {FROZEN[1]}.", "PLAY_NOW")
    assert job.state == "PROCESSING"
    vendor.play(30)
    shown = (await vendor.call("GET", vendor.job_path(job))).json()
    assert (shown["state"], shown["block_reason"]) == ("BLOCKED", "The content of the live room was reported.")
    assert [row["cut"] for row in vendor.heard(job)][:2] == [True, False]
    assert sum(row["chars_spoken"] for row in vendor.heard(job)[2:]) == 0
    room = (await vendor.call("GET", vendor.path(ROOMS, job.room_id))).json()
    assert (room["room_state"], room["error_info"]["error_msg"]) == ("BLOCKED", shown["block_reason"])
    listed = (await vendor.call("GET", vendor.path(ROOMS))).json()["smart_live_rooms"][0]
    assert (listed["room_state"], listed["last_job_status"]) == ("BLOCKED", "BLOCKED")
    refused = await vendor.call("POST", vendor.path(ROOMS, job.room_id, "smart-live-jobs"), {})
    assert (refused.status_code, refused.json()["error_code"]) == (500, "MSS.20010069")
    await vendor.call("PUT", vendor.path(ROOMS, job.room_id), {"room_name": "Frozen", "scene_scripts": []})
    free = (await vendor.call("GET", vendor.path(ROOMS, job.room_id))).json()
    assert (free["room_state"], "error_info" in free) == ("ENABLE", False)
    await vendor.start(job.room_id)


async def test_the_script_can_freeze_a_live_at_the_end_of_the_paragraph(vendor: Vendor) -> None:
    job = await vendor.on_air([SCRIPT, f"And {FROZEN[1]}.", SCRIPT])
    vendor.play(60)
    assert job.state == "BLOCKED"
    assert [(row["text"][:3], row["cut"]) for row in vendor.heard(job)][:2] == [("Hel", False), ("And", False)]
    assert sum(row["chars_spoken"] for row in vendor.heard(job)[2:]) == 0
