"""Status callbacks to a real HTTP server, with and without faults."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_fields
from tests.sandbox.conftest import Open, Sandbox, Sink

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


async def listen(sandbox: Sandbox, sink: Sink, auth_key: str = "") -> None:
    await sandbox.control("PUT", "callbacks", {"vendor": "softsugar", "url": sink.url, "auth_key": auth_key})


async def test_a_live_tells_its_states_and_takeovers(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    session = await sandbox.go_live(userData="job-7")
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.say("u", TEXT)
    await link.codes(2)
    await sandbox.call("channel/command/cancel", {"sessionId": session["sessionId"], "commandTraceId": "u"})
    sandbox.advance(0.5)
    sandbox.advance(10)
    await sandbox.call("channel/close", {"sessionId": session["sessionId"]})
    told = await sink.until(7)
    assert [(one["status"], one.get("commandTraceId")) for one in told] == [
        (35, None),
        (34, "t"),
        (34, "u"),
        (37, "u"),
        (36, "t"),
        (37, "t"),
        (5, None),
    ]
    assert {one["userData"] for one in told} == {"job-7"}
    documents = contract("softsugar")
    assert [check_fields(documents, documents.callbacks[0].fields, one) for one in told] == [()] * 7
    assert told[0]["rtcChannelId"] == session["sessionId"]
    assert "rtcChannelId" not in told[1]
    assert told[3]["commandFinishTime"] == "2026-03-14 14:03:25"
    assert "commandFinishTime" not in told[5]
    assert sink.headers[0]["content-type"] == "application/json"
    assert "signature" not in sink.headers[0]


async def test_with_an_auth_key_each_callback_is_signed(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink, "key")
    await sandbox.create()
    sandbox.advance(3)
    await sink.until(1)
    headers = sink.headers[0]
    wanted = hmac.new(b"key", headers["timestamp"].encode() + sink.bodies[0], hashlib.sha256).hexdigest()
    assert headers["signature"] == wanted
    assert headers["timestamp"] == str(round(sandbox.clock.now().timestamp() * 1000))


async def test_microphones_are_not_called_back(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    await link.send(b"\0" * 320)
    await link.send({"code": 99, "message": "eof", "commandTraceId": "mic"})
    await link.codes(4)
    sandbox.advance(1)
    assert await link.codes(1) == [(18, "mic")]
    await sandbox.call("channel/close", {"sessionId": session["sessionId"]})
    assert [one["status"] for one in await sink.until(2)] == [35, 5]


async def test_a_lost_session_and_a_failed_takeover_are_told(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.frame()
    sandbox.advance(1)
    assert await link.codes(1) == [(19, "t")]
    await sandbox.fault("takeover_fails")
    assert await link.quiet()
    sandbox.advance(76)
    told = await sink.until(5)
    assert [one["status"] for one in told] == [35, 34, 36, 39, 50]
    assert told[3]["commandTraceId"] == "t"
    assert told[3]["taskResult"]


async def test_sessions_end_by_fault(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    session = await sandbox.go_live()
    await sandbox.fault("session_end", params={"status": 96}, count=1)
    assert await sandbox.stat(session) == 2
    await sandbox.fault("session_end", session=session["sessionId"], params={"status": 9, "reason": "broken"})
    assert await sandbox.stat(session) == 9
    told = await sink.until(3)
    assert [(one["status"], one.get("taskResult")) for one in told] == [(35, None), (96, None), (9, "broken")]
    assert (await sandbox.control("GET", "faults"))["faults"] == []


async def test_what_is_not_taken_is_sent_again_in_order(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    sink.answers = [500, 503]
    session = await sandbox.go_live()
    await sandbox.call("channel/close", {"sessionId": session["sessionId"]})
    await sink.until(1)
    for wait, count in ((1.0, 2), (2.0, 3)):
        await sandbox.until_asleep()
        sandbox.clock.advance(wait)
        await sink.until(count)
    told = await sink.until(4)
    assert [one["status"] for one in told] == [35, 35, 35, 5]


async def test_duplicates_are_the_same_bytes(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink, "key")
    await sandbox.fault("duplicate_callback", count=1)
    await sandbox.create()
    sandbox.advance(3)
    await sink.until(2)
    assert sink.bodies[0] == sink.bodies[1]
    assert sink.headers[0] == sink.headers[1]


async def test_a_reordered_callback_comes_after_the_next_one(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    await sandbox.fault("reorder_callback", count=1)
    session = await sandbox.go_live()
    await sandbox.call("channel/close", {"sessionId": session["sessionId"]})
    assert [one["status"] for one in await sink.until(2)] == [5, 35]


async def test_a_reordered_callback_without_a_next_one_comes_late(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink)
    await sandbox.fault("reorder_callback")
    await sandbox.go_live()
    await sandbox.until_asleep()
    sandbox.clock.advance(3)
    assert [one["status"] for one in await sink.until(1)] == [35]


async def test_forged_dropped_and_delayed_callbacks(sandbox: Sandbox, sink: Sink) -> None:
    await listen(sandbox, sink, "key")
    await sandbox.fault("forge_callback", count=1, endpoint="35", params={"body": {"sessionId": "x", "status": 9}})
    session = await sandbox.go_live()
    await sink.until(2)
    forged, real = sink.headers
    assert sink.values[0] == {"sessionId": "x", "status": 9}
    good = hmac.new(b"key", forged["timestamp"].encode() + sink.bodies[0], hashlib.sha256).hexdigest()
    assert forged["signature"] != good
    assert sink.values[1]["status"] == 35
    assert real["signature"] == hmac.new(b"key", real["timestamp"].encode() + sink.bodies[1], "sha256").hexdigest()
    await sandbox.fault("delay_callback", count=1, params={"seconds": 30})
    await sandbox.fault("drop_callback", endpoint="34")
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.frame()
    await sandbox.call("channel/close", {"sessionId": session["sessionId"]})
    await sandbox.until_asleep()
    assert len(sink.bodies) == 2
    sandbox.clock.advance(30)
    assert [one["status"] for one in await sink.until(3)][2:] == [5]


async def test_waiting_callbacks_survive_a_restart(open_sandbox: Open, sink: Sink, folder: Any) -> None:
    first = await open_sandbox(folder=folder)
    await first.control("PUT", "callbacks", {"vendor": "softsugar", "url": "http://127.0.0.1:9/nobody"})
    await first.create(userData="kept")
    first.advance(3)
    await first.until_asleep()
    await first.server.stop()
    second = await open_sandbox(folder=folder)
    rows = (await second.control("GET", "callbacks"))["counts"]
    assert rows["failed"] >= 1
    second.clock.advance(1)
    assert second.world.callbacks.snapshot()["waiting"]
