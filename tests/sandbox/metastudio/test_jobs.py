from __future__ import annotations

import re

import pytest

from dashboard.sandbox.metastudio_job import Job
from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

JOBS = "smart-live-jobs"


async def shown(vendor: Vendor, job: Job) -> dict[str, object]:
    answer = await vendor.call("GET", vendor.job_path(job))
    assert answer.status_code == 200
    return dict(answer.json())


async def test_start_answers_202_with_everything_that_is_needed_later(vendor: Vendor) -> None:
    room_id = await vendor.make_room()
    started = await vendor.start(room_id, output_urls=["rtmp://push/live"])
    assert set(started) == {"job_id", "rtc_room_info", "live_event_report_url", "live_warning_info"}
    info = started["rtc_room_info"]
    assert re.fullmatch(r"[0-9a-f]{32}", info["room_id"])
    assert {"user_type", "user_id", "signature", "ctime"} == set(info["users"][0])
    assert info["users"][0]["ctime"] > vendor.clock.now().timestamp() + 24 * 3600 - 1
    assert started["live_event_report_url"].startswith(vendor.server.url + vendor.path("smart-live-rooms", room_id))
    assert {row["warning_type"] for row in started["live_warning_info"]} == {
        "TOO_LESS_SCRIPT_ITEMS",
        "TOO_SHORT_SCRIPT_TIME",
        "TOO_LESS_DANMAKU_RULES",
        "RANDOM_PLAY_CLOSED",
        "ROTATION_MODEL_CLOSED",
    }


async def test_a_well_prepared_room_has_no_warnings(vendor: Vendor) -> None:
    room_id = await vendor.make_room(
        [SCRIPT * 5] * 3,
        interaction_rules=[{"event_type": 1, "enabled": True}],
        play_policy={"random_play_mode": "SCENE"},
        backup_model_asset_ids=["b"],
    )
    assert "live_warning_info" not in await vendor.start(room_id)


async def test_a_job_waits_prepares_plays_once_and_succeeds(vendor: Vendor) -> None:
    room_id = await vendor.make_room()
    started = await vendor.start(room_id)
    job = vendor.face.model.jobs[started["job_id"]]
    assert (await shown(vendor, job))["state"] == "WAITING"
    vendor.play(2.7)
    now = await shown(vendor, job)
    assert (now["state"], "rtc_room_info" in now, "end_time" in now) == ("PROCESSING", True, False)
    vendor.play(60)
    now = await shown(vendor, job)
    assert (now["state"], "rtc_room_info" in now, "end_time" in now) == ("SUCCEED", False, True)
    assert [row["text"] for row in vendor.heard(job)] == [SCRIPT]


async def test_stop_cuts_at_once_and_ends_a_second_later(vendor: Vendor) -> None:
    job = await vendor.on_air()
    answer = await vendor.call("POST", vendor.job_path(job, "stop"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert vendor.heard(job)[-1]["cut_by"] == "stop"
    assert (await shown(vendor, job))["state"] == "PROCESSING"
    again = await vendor.call("POST", vendor.job_path(job, "stop"))
    assert (again.status_code, again.json()["error_code"]) == (400, "MSS.20010074")
    vendor.play(1)
    assert (await shown(vendor, job))["state"] == "SUCCEED"
    late = await vendor.command(job, "GET_CURRENT_PLAYING_SCRIPTS")
    assert (late.status_code, late.json()["error_code"]) == (400, "MSS.20010074")


async def test_stop_before_it_is_on_air_cancels(vendor: Vendor) -> None:
    started = await vendor.start(await vendor.make_room())
    job = vendor.face.model.jobs[started["job_id"]]
    await vendor.call("POST", vendor.job_path(job, "stop"))
    vendor.play(5)
    assert (await shown(vendor, job))["state"] == "CANCELED"
    assert vendor.heard(job) == []


async def test_one_open_job_per_room(vendor: Vendor) -> None:
    job = await vendor.on_air()
    second = await vendor.call("POST", vendor.path("smart-live-rooms", job.room_id, JOBS), {})
    assert (second.status_code, second.json()["error_code"]) == (500, "MSS.20010036")
    await vendor.call("POST", vendor.job_path(job, "stop"))
    vendor.play(1)
    assert "job_id" in await vendor.start(job.room_id)


async def test_start_needs_a_room_that_may_go_live(vendor: Vendor) -> None:
    missing = await vendor.call("POST", vendor.path("smart-live-rooms", "nope", JOBS), {})
    assert (missing.status_code, missing.json()["error_code"]) == (400, "MSS.20010045")
    template = await vendor.make_room(room_type="TEMPLATE")
    refused = await vendor.call("POST", vendor.path("smart-live-rooms", template, JOBS), {})
    assert (refused.status_code, refused.json()["error_code"]) == (500, "MSS.20010069")


@pytest.mark.parametrize(("status", "code"), [(403, "MSS.20010065"), (429, "MSS.20010035")])
async def test_quota_fault_refuses_starts(vendor: Vendor, status: int, code: str) -> None:
    room_id = await vendor.make_room()
    vendor.world.faults.add("quota", vendor="metastudio", count=1, params={"status": status})
    refused = await vendor.call("POST", vendor.path("smart-live-rooms", room_id, JOBS), {})
    assert (refused.status_code, refused.json()["error_code"]) == (status, code)
    assert "job_id" in await vendor.start(room_id)


async def test_live_quota_counts_open_jobs(vendor: Vendor) -> None:
    vendor.face.switches.configure({"live_quota": 1})
    await vendor.on_air()
    refused = await vendor.call("POST", vendor.path("smart-live-rooms", await vendor.make_room(), JOBS), {})
    assert (refused.status_code, refused.json()["error_code"]) == (403, "MSS.20010065")


async def test_lists_of_room_and_tenant(vendor: Vendor) -> None:
    first = await vendor.on_air(room_name="First")
    await vendor.call("POST", vendor.job_path(first, "stop"))
    vendor.play(1)
    second = vendor.face.model.jobs[(await vendor.start(first.room_id))["job_id"]]
    third = await vendor.on_air(room_name="Second room")

    async def ids(path: str, **query: str) -> list[str]:
        answer = await vendor.call("GET", path, query=query)
        assert answer.status_code == 200, answer.text
        return [row["job_id"] for row in answer.json()["smart_live_jobs"]]

    of_room = vendor.path("smart-live-rooms", first.room_id, JOBS)
    assert await ids(of_room) == [first.job_id, second.job_id]
    everything = vendor.path(JOBS)
    assert await ids(everything, sort_dir="desc", sort_key="create_time") == [
        third.job_id,
        second.job_id,
        first.job_id,
    ]
    assert await ids(everything, state="WAITING,PROCESSING") == [second.job_id, third.job_id]
    assert await ids(everything, room_name="second") == [third.job_id]
    assert await ids(everything, limit="1", offset="1") == [second.job_id]
    assert await ids(everything, create_since=third.created) == [third.job_id]
    assert await ids(everything, create_until=first.created) == [first.job_id]
    for bad in ({"state": "CREATING"}, {"sort_key": "name"}, {"sort_dir": "up"}, {"create_since": "x"}):
        answer = await vendor.call("GET", everything, query=bad)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003"), bad


async def test_a_job_is_found_in_its_own_room_only(vendor: Vendor) -> None:
    job = await vendor.on_air()
    other = await vendor.make_room()
    answer = await vendor.call("GET", vendor.path("smart-live-rooms", other, JOBS, job.job_id))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010074")


@pytest.mark.parametrize("state", ["FAILED", "BLOCKED"])
async def test_session_end_fault_ends_with_its_state(vendor: Vendor, state: str) -> None:
    job, other = await vendor.on_air(), await vendor.on_air()
    vendor.world.faults.add("session_end", vendor="metastudio", session=job.job_id, params={"status": state})
    vendor.play(1)
    now = await shown(vendor, job)
    assert now["state"] == state
    assert ("error_info" in now, "block_reason" in now) == (state == "FAILED", state == "BLOCKED")
    assert other.is_running


async def test_repeat_count_plays_n_plus_one_times(vendor: Vendor) -> None:
    job = await vendor.on_air(["One here.", "Two here."], play_policy={"repeat_count": 1})
    vendor.play(30)
    assert [row["text"] for row in vendor.heard(job)] == ["One here.", "Two here."] * 2
    assert job.state == "SUCCEED"


async def test_a_script_without_end_goes_on_until_it_is_stopped(vendor: Vendor) -> None:
    job = await vendor.on_air(["One here."], play_policy={"repeat_count": -1})
    vendor.play(600)
    assert job.is_running
    assert len(vendor.heard(job)) > 100


async def test_random_order_is_the_same_for_the_same_seed(vendor: Vendor) -> None:
    texts = [f"Number {n}." for n in range(6)]
    job = await vendor.on_air(texts, play_policy={"random_play_mode": "SCRIPT_ITEM"})
    planned = [paragraph.text for paragraph in job.script.order]
    vendor.play(60)
    order = [row["text"] for row in vendor.heard(job)]
    assert sorted(order) == texts
    assert order != texts
    assert order == planned
