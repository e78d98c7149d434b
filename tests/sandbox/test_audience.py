from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.sandbox.conftest import Open, Sandbox, Sink


async def gather(sandbox: Sandbox, sink: Sink, seed: int = 1) -> list[dict[str, Any]]:
    sink.bodies.clear()
    await sandbox.control("PUT", "audience", {"job": f"job-{seed}", "url": sink.url, "rate_per_s": 2, "seed": seed})
    sandbox.advance(60)
    await sandbox.world.audience.settle()
    return [event for body in sink.values for event in body["events"]]


async def test_people_comment_join_like_and_give_in_the_form_of_the_report(sandbox: Sandbox, sink: Sink) -> None:
    events = await gather(sandbox, sink)
    assert 80 < len(events) < 160
    assert sink.values[0]["total"] == len(sink.values[0]["events"])
    assert {event["type"] for event in events} == {1, 2, 3, 4, 6}
    for event in events:
        content = json.loads(event["content"])
        assert isinstance(event["timestamp"], int)
        if event["type"] == 6:
            assert content["numberOfViewers"] > 0
        else:
            assert set(content["user"]) == {"userId", "name", "level", "badge", "badgeLevel"}
        if event["type"] == 1:
            assert content["content"]
        if event["type"] == 4:
            gift = content["gift"]
            assert gift["totalValue"] == gift["giftNum"] * gift["giftValue"]
    stamps = [event["timestamp"] for event in events]
    assert stamps == sorted(stamps)


async def test_same_seed_same_people(open_sandbox: Open, sink: Sink) -> None:
    one = await gather(await open_sandbox(), sink, 5)
    two = await gather(await open_sandbox(), sink, 5)
    other = await gather(await open_sandbox(), sink, 6)
    assert one == two
    assert one != other


async def test_a_batch_a_second_and_only_what_was_taken_is_gone(sandbox: Sandbox, sink: Sink) -> None:
    sink.answers = [500]
    await sandbox.control("PUT", "audience", {"session": "s", "url": sink.url, "rate_per_s": 5, "seed": 1})
    sandbox.advance(2)
    await sandbox.world.audience.settle()
    sandbox.advance(0.5)
    await sandbox.world.audience.settle()
    assert len(sink.bodies) == 1
    sandbox.advance(0.6)
    await sandbox.world.audience.settle()
    refused, taken = (body["events"] for body in sink.values)
    assert taken[: len(refused)] == refused
    view = (await sandbox.control("GET", "state"))["audience"][0]
    assert (view["delivered"], view["waiting"], view["lost"]) == (len(taken), 0, 0)
    sandbox.advance(1.1)
    await sandbox.world.audience.settle()
    assert sink.values[2]["events"][0] not in taken


async def test_the_buffer_is_bounded(sandbox: Sandbox) -> None:
    body = {"job": "j", "url": "http://127.0.0.1:9/", "rate_per_s": 50, "seed": 1}
    await sandbox.control("PUT", "audience", body)
    sandbox.advance(300)
    await sandbox.world.audience.settle()
    view = (await sandbox.control("GET", "state"))["audience"][0]
    assert view["waiting"] == 5000
    assert view["lost"] == view["made"] - 5000


async def test_the_audience_follows_the_speed_of_the_world(sandbox: Sandbox, sink: Sink) -> None:
    await sandbox.control("PUT", "clock", {"speed": 10})
    events = await gather(sandbox, sink)
    view = (await sandbox.control("GET", "state"))["audience"][0]
    assert view["made"] > 900
    assert len(events) == 200


async def test_rate_zero_ends_it_and_nonsense_is_refused(sandbox: Sandbox, sink: Sink) -> None:
    await sandbox.control("PUT", "audience", {"job": "j", "url": sink.url})
    await sandbox.control("PUT", "audience", {"job": "j", "rate_per_s": 0})
    assert await sandbox.control("GET", "audience") == []
    for body in ({}, {"job": "j", "url": "ftp://x"}, {"job": "j", "url": sink.url, "rate_per_s": "many"}):
        answer = await sandbox.client.put("/sandbox/audience", json=body)
        assert answer.status_code == 400


async def test_after_a_restart_the_same_people_go_on(open_sandbox: Open, sink: Sink, folder: Path) -> None:
    whole = await open_sandbox()
    expected = await gather(whole, sink, 3)
    first = await open_sandbox(folder=folder)
    sink.bodies.clear()
    await first.control("PUT", "audience", {"job": "job-3", "url": sink.url, "rate_per_s": 2, "seed": 3})
    first.advance(30)
    await first.world.audience.settle()
    await first.server.stop()
    second = await open_sandbox(clock=first.clock, folder=folder)
    second.advance(30)
    await second.world.audience.settle()
    contents = [event["content"] for body in sink.values for event in body["events"]]
    assert contents == [event["content"] for event in expected]


async def test_a_flood_makes_one_audience_busier_while_it_lasts(sandbox: Sandbox, sink: Sink) -> None:
    async def made_in(seconds: float, job: str) -> int:
        before = {one["job"]: one["made"] for one in await sandbox.control("GET", "audience")}
        sandbox.advance(seconds)
        after = {one["job"]: one["made"] for one in await sandbox.control("GET", "audience")}
        return int(after[job] - before[job])

    for job in ("calm", "busy"):
        await sandbox.control("PUT", "audience", {"job": job, "url": sink.url, "rate_per_s": 2, "seed": 1})
    await sandbox.fault("flood", session="busy", for_s=25, params={"times": 10})
    assert 200 < await made_in(20, "busy") < 600
    sandbox.advance(5)
    assert await made_in(20, "busy") < 90
    calm = {one["job"]: one["made"] for one in await sandbox.control("GET", "audience")}["calm"]
    assert calm < 150
