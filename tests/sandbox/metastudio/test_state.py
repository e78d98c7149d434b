"""Saved state: a world taken up again goes on as the other would have."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig, World
from tests.sandbox.metastudio.conftest import Vendor

LONG = ["First sentence here. Second sentence here. Third sentence here.", "Next paragraph here."]
RULE = {"event_type": 1, "trigger": {"reply_texts": ["Yes."], "time_window": -1}}


def twin(vendor: Vendor) -> World:
    """Another sandbox that was given the first one's state file."""
    saved = json.loads(json.dumps(vendor.world.snapshot()))
    server = SandboxServer(replace(SandboxConfig(), seed=1, ticks=False), ManualClock(vendor.clock.now()))
    server.world.restore(saved)
    return server.world


def story(world: Any, job_id: str) -> list[tuple[str, str, bool, str]]:
    return [(row["ref"], row["text"], row["cut"], row["cut_by"]) for row in world.record.entries(job_id)]


async def test_a_restored_world_says_the_same_as_the_first(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG, play_policy={"repeat_count": 1}, interaction_rules=[RULE])
    await vendor.say(job, "Append words.", "APPEND")
    vendor.play(1)
    await vendor.say(job, "Insert words.", "INSERT")
    vendor.face.model.reply(job, 1, "x", vendor.world.clock.now())
    shots = [{"sequence_no": 2, "text_config": {"text": "Rewritten words."}}]
    scenes = [{"script_name": "Product 1", "shoot_scripts": shots}]
    await vendor.command(job, "REWRITE_PLAY_SCRIPT", {"scene_scripts": scenes})
    other = twin(vendor)
    restored = other.face("metastudio").model.jobs[job.job_id]  # type: ignore[attr-defined]
    assert restored.snapshot() == job.snapshot()
    for seconds in (3, 10, 100):
        vendor.play(seconds)
        other.clock.step(seconds)
        other.advance()
    assert story(other, job.job_id) == story(vendor.world, job.job_id)
    assert restored.state == job.state == "SUCCEED"


async def test_rooms_libraries_tokens_and_settings_survive(vendor: Vendor) -> None:
    room_id = await vendor.make_room()
    await vendor.call("POST", vendor.path("smart-live-interaction-rule-groups"), {"group_name": "G"})
    vendor.face.switches.configure({"command_channel": False})
    vendor.face.gate.iam.tokens["digest"] = 1.0
    face = twin(vendor).face("metastudio")
    assert face.snapshot() == vendor.face.snapshot()
    assert room_id in face.model.rooms  # type: ignore[attr-defined]


async def test_a_report_url_from_before_the_restart_still_works(vendor: Vendor) -> None:
    started = await vendor.start(await vendor.make_room())
    query = dict(part.split("=") for part in started["live_event_report_url"].partition("?")[2].split("&"))
    keys = twin(vendor).face("metastudio").gate.keys  # type: ignore[attr-defined]
    keys.check_report(started["job_id"], query["auth_key"], query["expires_time"], refresh=False)


async def test_same_seed_and_order_of_requests_give_the_same_ids(vendor: Vendor) -> None:
    server = SandboxServer(SandboxConfig(port=0, seed=7, ticks=False), ManualClock())
    async with server:
        other = Vendor(server, server.world.clock.source, vendor.http)  # type: ignore[arg-type]
        first, second = await vendor.on_air(LONG), await other.on_air(LONG)
        assert (first.room_id, first.job_id, first.rtc_room) == (second.room_id, second.job_id, second.rtc_room)
        assert await vendor.say(first, "Words.", "INSERT") == await other.say(second, "Words.", "INSERT")


async def test_overview_shows_jobs_with_queue_and_what_plays(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG, output_urls=["rtmp://a/b"])
    said = await vendor.say(job, "Append words.", "APPEND")
    answer = await vendor.http.get(vendor.server.url + "/sandbox/state")
    account = answer.json()["accounts"]["metastudio"]
    (row,) = account["sessions"]
    assert (row["session"], row["phase"], row["queue"]) == (job.job_id, "PROCESSING", [said])
    assert row["playing"]["source"] == "script"


async def test_reset_forgets_rooms_and_jobs(vendor: Vendor) -> None:
    await vendor.on_air(LONG)
    await vendor.http.post(vendor.server.url + "/sandbox/reset")
    assert (vendor.face.model.rooms, vendor.face.model.jobs) == ({}, {})
    vendor.play(100)


async def test_freezes_logs_and_used_time_survive(vendor: Vendor) -> None:
    job = await vendor.on_air(["This is sandbox-blocked."], interaction_rules=[RULE])
    vendor.face.model.reply(job, 1, "x", vendor.world.clock.now())
    vendor.play(60)
    assert job.state == "BLOCKED"
    model = twin(vendor).face("metastudio").model  # type: ignore[attr-defined]
    assert model.rooms[job.room_id].blocked == job.block_reason
    assert [record["reply"] for record in model.jobs[job.job_id].records] == ["Yes."]
    assert model.live_used_s == vendor.face.model.live_used_s > 0
    assert (model.jobs.open_count(), model.jobs.of_room(job.room_id)[0].state) == (0, "BLOCKED")
