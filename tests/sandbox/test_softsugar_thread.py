"""The whole way of one SoftSugar live, over real sockets."""

from __future__ import annotations

from tests.sandbox.conftest import SCRIPT, Sandbox

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


async def test_a_session_is_made_started_heard_and_closed(sandbox: Sandbox) -> None:
    session = await sandbox.create(userData="job-1")
    assert session["status"] == 32
    assert "rtcAppId" not in session
    sandbox.advance(2.9)
    assert await sandbox.stat(session) == 32
    sandbox.advance(0.2)
    assert await sandbox.stat(session) == 35
    assert (await sandbox.call("channel/start", {"sessionId": session["sessionId"]})) == {
        "code": 0,
        "message": "success",
        "data": True,
    }
    link = await sandbox.connect(session)
    await link.say("t1", TEXT)
    assert await link.codes(1) == [(20, "t1")]
    assert await sandbox.queue(session) == ["t1"]
    sandbox.advance(0.3)
    assert await link.codes(1) == [(19, "t1")]
    assert await sandbox.queue(session) == ["t1"]
    sandbox.advance(20)
    assert await link.codes(1) == [(18, "t1")]
    assert await sandbox.queue(session) == []
    heard = await sandbox.heard(session)
    assert [(row["ref"], row["text"], row["cut"], row["chars_spoken"]) for row in heard] == [
        ("t1", TEXT, False, len(TEXT))
    ]
    running = await sandbox.call("channel/running/list", method="GET")
    assert [(row["sessionId"], row["status"]) for row in running["data"]] == [(session["sessionId"], 2)]
    assert (await sandbox.call("channel/close", {"sessionId": session["sessionId"]}))["data"] is True
    assert (await link.frame())["code"] == 4
    assert await link.closed() == 1000
    assert await sandbox.stat(session) == 5
    assert (await sandbox.call("channel/running/list", method="GET"))["data"] == []


async def test_a_text_waits_until_the_session_is_live(sandbox: Sandbox) -> None:
    session = await sandbox.create()
    link = await sandbox.connect(session)
    await link.say("early", TEXT)
    assert await link.codes(1) == [(20, "early")]
    sandbox.advance(30)
    assert await link.quiet()
    await sandbox.call("channel/start", {"sessionId": session["sessionId"]})
    assert await link.codes(1) == [(19, "early")]


async def test_without_heartbeats_the_session_is_lost(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    sandbox.advance(70)
    assert (await sandbox.call("channel/heartbeat", {"sessionId": session["sessionId"]}))["code"] == 0
    sandbox.advance(74)
    assert await sandbox.stat(session) == 2
    sandbox.advance(2)
    assert await sandbox.stat(session) == 50


async def test_heartbeats_are_counted_in_real_time_whatever_the_speed_of_the_world(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.control("PUT", "clock", {"speed": 64})
    sandbox.advance(60)
    assert await sandbox.stat(session) == 2
    await sandbox.control("POST", "step", {"seconds": 3600})
    assert await sandbox.stat(session) == 2


async def test_priorities_order_what_waits_without_cutting_what_plays(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    for ref, priority in (("a", -1), ("b", -1), ("c", 0), ("d", 1), ("e", 1), ("f", 2), ("g", 99)):
        await link.say(ref, TEXT, priority)
        await link.frame()
        sandbox.advance(0.3 if ref == "a" else 0)
    assert await sandbox.queue(session) == ["a", "e", "f", "d", "b", "c", "g"]


async def test_cancel_takes_one_several_or_all(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    for ref in "abcde":
        await link.say(ref, TEXT)
    await link.codes(5)
    sandbox.advance(0.3)
    assert await link.codes(1) == [(19, "a")]
    who = {"sessionId": session["sessionId"]}
    one = await sandbox.call("channel/command/cancel", {**who, "commandTraceId": "b"})
    assert one["data"]["isSuccess"] is True
    assert await link.codes(1) == [(18, "b")]
    some = await sandbox.call("channel/command/cancel", {**who, "commandTraceId": "c;zzz;d"})
    assert some["data"]["isSuccess"] is False
    assert "zzz" in some["data"]["message"]
    assert await link.codes(2) == [(18, "c"), (18, "d")]
    everything = await sandbox.call("channel/command/cancel", {**who, "commandTraceId": "-1"})
    assert everything["data"]["isSuccess"] is True
    assert await link.codes(2) == [(18, "a"), (18, "e")]
    assert await sandbox.queue(session) == []
    assert [(row["ref"], row["cut"]) for row in await sandbox.heard(session)] == [("a", True)]


async def test_the_param_is_refused_where_the_contract_refuses(sandbox: Sandbox) -> None:
    import json

    for param in ("nonsense", "[]", json.dumps({**SCRIPT, "bit_rate": 99}), json.dumps({**SCRIPT, "live_type": "x"})):
        answer = await sandbox.call("/api/2dvh/v2/material/live/channel/create", {"param": param})
        assert answer["code"] == 400, (param, answer)
