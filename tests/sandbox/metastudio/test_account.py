"""Quotas, packages, job logs, warnings: what the account as a whole has and keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.sandbox.metastudio_shelves import JobShelf
from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

ROOMS, JOBS = "smart-live-rooms", "smart-live-jobs"


async def refused(vendor: Vendor, room_id: str) -> tuple[int, str]:
    answer = await vendor.call("POST", vendor.path(ROOMS, room_id, JOBS), {})
    return answer.status_code, answer.json().get("error_code", "")


async def test_bought_time_runs_out_and_starts_are_refused(vendor: Vendor) -> None:
    vendor.face.switches.configure({"live_package_s": 40})
    first = await vendor.on_air([SCRIPT], play_policy={"repeat_count": -1})
    await vendor.on_air([SCRIPT], play_policy={"repeat_count": -1})
    vendor.play(30)
    third = await vendor.make_room()
    assert await refused(vendor, third) == (403, "MSS.00022003")
    # What is on air goes on.
    assert first.is_running
    await vendor.call("POST", vendor.job_path(first, "stop"))
    vendor.play(2)
    assert await refused(vendor, third) == (403, "MSS.00022003")
    vendor.face.switches.configure({"live_package_s": -1})
    await vendor.start(third)


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({}, (403, "MSS.20010065")),
        ({"status": 429}, (429, "MSS.20010035")),
        ({"code": "MSS.20010102"}, (429, "MSS.20010102")),
        ({"code": "MSS.00022003"}, (403, "MSS.00022003")),
    ],
)
async def test_a_quota_fault_has_the_code_that_was_asked_for(
    vendor: Vendor, params: dict[str, Any], wanted: tuple[int, str]
) -> None:
    room_id = await vendor.make_room()
    vendor.world.faults.add("quota", vendor="metastudio", count=1, params=params)
    assert await refused(vendor, room_id) == wanted
    await vendor.start(room_id)


async def test_the_log_of_a_job_says_who_was_answered_with_what(vendor: Vendor) -> None:
    rule = {"rule_index": "hello", "event_type": 1, "trigger": {"reply_texts": ["Welcome!"], "time_window": 0}}
    job = await vendor.on_air([SCRIPT] * 4, interaction_rules=[rule])
    before = (await vendor.call("GET", vendor.job_path(job))).json()
    assert "live_job_log" not in before
    event = {"timestamp": 1690819199000, "type": 1, "content": '{"content":"hi"}'}
    report = {"total": 1, "events": [event]}
    assert (await vendor.call("POST", vendor.job_path(job, "live-event-report"), report)).status_code == 200
    vendor.play(120)
    shown = (await vendor.call("GET", vendor.job_path(job))).json()
    url = shown["live_job_log"]["interaction_records_url"]
    records = (await vendor.http.get(url)).json()
    assert [(row["rule_index"], row["content"], row["reply"]) for row in records] == [
        ("hello", event["content"], "Welcome!")
    ]
    assert records[0]["reply_id"] in [row["ref"] for row in vendor.heard(job)]
    for bad in (url[:-1] + "x", url.replace(job.job_id, "other"), url.split("?")[0]):
        assert (await vendor.http.get(bad)).status_code == 401
    vendor.clock.advance(26 * 3600)
    assert (await vendor.http.get(url)).status_code == 401


async def test_a_log_keeps_the_latest_two_hundred(vendor: Vendor) -> None:
    job = await vendor.on_air([SCRIPT])
    for number in range(210):
        job.note(content="x" * 1000, number=number)
    assert (len(job.records), job.records[0]["number"], len(job.records[0]["content"])) == (200, 10, 300)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, set()),
        ({"texts": 2}, {"TOO_LESS_SCRIPT_ITEMS"}),
        ({"text": "Short."}, {"TOO_SHORT_SCRIPT_TIME"}),
        ({"interaction_rules": [{"event_type": 2}]}, {"TOO_LESS_DANMAKU_RULES"}),
        ({"interaction_rules": [{"event_type": 1, "enabled": False}]}, {"TOO_LESS_DANMAKU_RULES"}),
        ({"play_policy": {"random_play_mode": "NONE"}}, {"RANDOM_PLAY_CLOSED"}),
        ({"play_policy": {}}, {"RANDOM_PLAY_CLOSED"}),
        ({"backup_model_asset_ids": []}, {"ROTATION_MODEL_CLOSED"}),
    ],
)
async def test_each_of_the_five_warnings_has_its_own_cause(
    vendor: Vendor, change: dict[str, Any], wanted: set[str]
) -> None:
    fields: dict[str, Any] = {
        "interaction_rules": [{"event_type": 1}],
        "play_policy": {"random_play_mode": "SCENE"},
        "backup_model_asset_ids": ["b"],
        **change,
    }
    texts = [fields.pop("text", SCRIPT * 8)] * fields.pop("texts", 3)
    started = await vendor.start(await vendor.make_room(texts, **fields))
    assert {row["warning_type"] for row in started.get("live_warning_info", [])} == wanted


async def test_a_job_that_is_over_keeps_only_what_is_still_shown(vendor: Vendor) -> None:
    job = await vendor.on_air(
        [SCRIPT], room_name="Light", priv_data="x" * 1000, co_streamer_config={"streamer_action": "SILENCE"}
    )
    before = len(json.dumps(job.snapshot()))
    await vendor.call("POST", vendor.job_path(job, "stop"))
    vendor.play(2)
    shown = (await vendor.call("GET", vendor.job_path(job))).json()
    assert (shown["room_name"], shown["co_streamer_config"]) == ("Light", {"streamer_action": "SILENCE"})
    assert len(json.dumps(job.snapshot())) < before - 1000


async def test_the_oldest_ended_jobs_are_forgotten_and_open_ones_never(vendor: Vendor) -> None:
    vendor.face.model.jobs = shelf = JobShelf(keep=3)
    open_job = await vendor.on_air([SCRIPT], play_policy={"repeat_count": -1})
    ended = []
    for _ in range(4):
        job = await vendor.on_air([SCRIPT])
        await vendor.call("POST", vendor.job_path(job, "stop"))
        vendor.play(2)
        ended.append(job.job_id)
    assert list(shelf) == [open_job.job_id, *ended[-2:]]
    assert shelf.open() == [open_job]
    listed = (await vendor.call("GET", vendor.path(JOBS))).json()
    assert [row["job_id"] for row in listed["smart_live_jobs"]] == list(shelf)
    assert (await vendor.call("GET", vendor.path(JOBS), query={"state": "PROCESSING"})).json()["count"] == 1


async def test_names_are_free_again_after_a_rename_or_a_delete(vendor: Vendor) -> None:
    for path, name in ((ROOMS, "room_name"), ("smart-live-interaction-rule-groups", "group_name")):
        made = await vendor.call("POST", vendor.path(path), {name: "First"})
        key = made.json().get("room_id") or made.json()["group_id"]
        assert (await vendor.call("POST", vendor.path(path), {name: "First"})).status_code == 400
        assert (await vendor.call("PUT", vendor.path(path, key), {name: "First"})).status_code == 200
        assert (await vendor.call("PUT", vendor.path(path, key), {name: "Second"})).status_code == 200
        assert (await vendor.call("POST", vendor.path(path), {name: "First"})).status_code == 200
        assert (await vendor.call("PUT", vendor.path(path, key), {name: "First"})).status_code == 400
        assert (await vendor.call("DELETE", vendor.path(path, key))).status_code == 200
        assert (await vendor.call("POST", vendor.path(path), {name: "Second"})).status_code == 200


async def test_a_request_id_of_the_caller_is_carried_back(vendor: Vendor) -> None:
    answer = await vendor.call("GET", vendor.path(ROOMS), **{"x-request-id": "trace-1"})
    assert answer.headers.get_list("x-request-id") == ["trace-1"]
    refused = await vendor.call("GET", vendor.path("nothing"), **{"x-request-id": "trace-2"})
    assert (refused.status_code, refused.headers["x-request-id"]) == (404, "trace-2")
    odd = await vendor.call("GET", vendor.path(ROOMS), **{"x-request-id": "a b"})
    assert odd.headers["x-request-id"] != "a b"


async def test_rules_keep_their_id_while_they_keep_their_index(vendor: Vendor) -> None:
    path = vendor.path("smart-live-interaction-rule-groups")
    rules = [{"rule_index": "a", "rule_name": "one"}, {"rule_name": "without"}]
    group_id = (await vendor.call("POST", path, {"group_name": "G", "interaction_rules": rules})).json()["group_id"]
    before = (await vendor.call("GET", path)).json()["interaction_rule_groups"][0]["interaction_rules"]
    vendor.clock.advance(60)
    rules[0]["rule_name"] = "two"
    body = {"group_name": "G", "interaction_rules": rules}
    after = (await vendor.call("PUT", f"{path}/{group_id}", body)).json()["interaction_rules"]
    assert after[0]["rule_id"] == before[0]["rule_id"]
    assert after[0]["create_time"] == before[0]["create_time"] < after[0]["update_time"]
    assert after[1]["rule_id"] != before[1]["rule_id"]
