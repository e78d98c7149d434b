"""Every fault that concerns SoftSugar, over real sockets."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest
import websockets

from tests.sandbox.conftest import API, Sandbox

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


def beat(sandbox: Sandbox, session: dict[str, Any]) -> asyncio.Task[Any]:
    return asyncio.create_task(sandbox.call("channel/heartbeat", _who(session)))


async def test_latency_keeps_the_answer_back(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("latency", count=1, params={"seconds": 4}, endpoint="channel_heartbeat")
    waiting = beat(sandbox, session)
    await sandbox.until_asleep()
    assert await sandbox.stat(session) == 2
    assert not waiting.done()
    sandbox.clock.advance(4)
    assert (await waiting)["code"] == 0


async def test_an_error_before_and_after_the_effect(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("error", count=1, params={"status": 502})
    answer = await sandbox.request("channel/close", _who(session))
    assert answer.status_code == 502
    assert await sandbox.stat(session) == 2
    await sandbox.fault("error", count=1, params={"status": 500, "after": True, "body": {"x": 1}})
    answer = await sandbox.request("channel/close", _who(session))
    assert (answer.status_code, answer.json()) == (500, {"x": 1})
    assert await sandbox.stat(session) == 5


@pytest.mark.parametrize(("kind", "status"), [("timeout_before", 2), ("timeout_after", 5)])
async def test_timeouts_before_and_after_the_effect(sandbox: Sandbox, kind: str, status: int) -> None:
    session = await sandbox.go_live()
    await sandbox.fault(kind, count=1, endpoint="channel_close", session=session["sessionId"])
    async with httpx.AsyncClient(base_url=sandbox.server.url, timeout=0.2) as client:
        headers = {"Authorization": sandbox.token}
        with pytest.raises(httpx.ReadTimeout):
            await client.post(f"{API}/channel/close", json=_who(session), headers=headers)
    assert await sandbox.stat(session) == status
    assert (await sandbox.call("channel/close", _who(session)))["data"] is True


@pytest.mark.parametrize(("params", "status"), [({}, 2), ({"after": True}, 5)])
async def test_refuse_hangs_up_without_an_answer(sandbox: Sandbox, params: dict[str, Any], status: int) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("refuse", count=1, params=params)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await sandbox.call("channel/close", _who(session))
    assert await sandbox.stat(session) == status


async def test_refuse_can_close_the_port_itself(sandbox: Sandbox) -> None:
    host, port = sandbox.server.config.host, sandbox.server.config.port
    await sandbox.fault("refuse", for_s=0.3, params={"listen": True})
    async with asyncio.timeout(3):
        while await _connects(host, port):
            pass
        while not await _connects(host, port):
            pass
    assert (await sandbox.control("GET", "faults"))["faults"] == []
    async with httpx.AsyncClient(base_url=sandbox.server.url) as client:
        assert (await client.get("/sandbox/state")).status_code == 200


async def _connects(host: str, port: int) -> bool:
    probe = socket.socket()
    probe.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(probe, (host, port))
    except OSError:
        return False
    finally:
        probe.close()
    return True


async def test_an_outage_lasts_as_long_as_it_is_armed(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    fault = await sandbox.fault("outage", vendor="softsugar", for_s=10)
    for _ in range(2):
        assert (await sandbox.request("channel/heartbeat", _who(session))).status_code == 503
    with pytest.raises((websockets.InvalidMessage, websockets.InvalidHandshake, OSError)):
        await sandbox.connect(session)
    sandbox.clock.advance(10)
    assert (await sandbox.call("channel/heartbeat", _who(session)))["code"] == 0
    assert (await sandbox.client.delete(f"/sandbox/faults/{fault}")).status_code == 404


async def test_a_fault_of_another_vendor_or_session_does_not_hit(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("outage", vendor="metastudio")
    await sandbox.fault("error", session="another")
    await sandbox.fault("error", endpoint="channel_create")
    assert (await sandbox.call("channel/heartbeat", _who(session)))["code"] == 0
    await sandbox.control("DELETE", "faults")
    assert (await sandbox.create())["status"] == 32


async def test_dropped_sockets_with_and_without_close_frame(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    one, two = await sandbox.connect(session), await sandbox.connect(session)
    assert await two.quiet()
    await sandbox.fault("drop_socket", params={"code": 1012})
    assert await one.closed() == 1012
    assert await two.closed() == 1012
    three = await sandbox.connect(session)
    assert await three.quiet()
    await sandbox.fault("drop_socket", params={"abrupt": True}, session=session["sessionId"])
    assert await three.closed() is None
    assert (await sandbox.control("GET", "faults"))["faults"] == []


async def test_a_socket_dropped_after_the_frame_has_had_its_effect(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.fault("drop_socket", count=1, params={"abrupt": True, "after_frame": True})
    await link.say("t", TEXT)
    assert await link.closed() is None
    assert await sandbox.queue(session) == ["t"]


async def test_a_swallowed_frame_has_no_effect(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.fault("swallow_frame", count=1)
    await link.say("t", TEXT)
    assert await link.quiet()
    assert await sandbox.queue(session) == []
    await link.say("t", TEXT)
    assert await link.codes(1) == [(20, "t")]


async def test_swallowed_notices_are_of_a_takeover_that_is_heard(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.fault("swallow_notices", count=1)
    await link.say("silent", TEXT)
    await link.say("loud", TEXT)
    assert await link.codes(1) == [(20, "loud")]
    sandbox.advance(20)
    assert await link.codes(2) == [(19, "loud"), (18, "loud")]
    assert [row["ref"] for row in await sandbox.heard(session)] == ["silent", "loud"]


async def test_a_half_open_socket_stays_open_and_dead_while_a_new_one_works(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    dead = await sandbox.connect(session)
    await sandbox.fault("half_open", vendor="softsugar")
    pong = await dead.link.ping()
    await dead.say("lost", TEXT)
    alive = await sandbox.connect(session)
    await alive.say("t", TEXT)
    assert await alive.codes(1) == [(20, "t")]
    assert not pong.done()
    assert await sandbox.queue(session) == ["t"]
    assert (await sandbox.control("GET", "faults"))["faults"] == []


async def test_frozen_sockets_do_not_even_answer_pings_and_thaw_in_order(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.codes(1)
    await sandbox.fault("freeze", for_s=30)
    answer = await link.link.ping()
    waiting = beat(sandbox, session)
    await link.say("u", TEXT)
    sandbox.advance(20)
    await sandbox.control("GET", "state")
    assert not answer.done()
    assert not waiting.done()
    sandbox.advance(11)
    assert await link.codes(3) == [(19, "t"), (18, "t"), (20, "u")]
    await answer
    assert (await waiting)["code"] == 0


async def test_half_open_sockets_of_one_session_go_dead_while_all_else_works(sandbox: Sandbox) -> None:
    session, other = await sandbox.go_live(), await sandbox.go_live()
    dead, alive = await sandbox.connect(session), await sandbox.connect(other)
    assert await dead.quiet()
    await sandbox.fault("half_open", session=session["sessionId"], params={"seconds": 50})
    assert (await sandbox.control("GET", "faults"))["faults"] == []
    ping = await dead.link.ping()
    await dead.say("lost", TEXT)
    await dead.link.send(b"")
    again = await sandbox.connect(session)
    await again.say("heard", TEXT)
    await alive.say("other", TEXT)
    assert await again.codes(1) == [(20, "heard")]
    assert await alive.codes(1) == [(20, "other")]
    assert (await sandbox.call("channel/heartbeat", _who(session)))["code"] == 0
    assert await sandbox.queue(session) == ["heard"]
    assert not ping.done()
    await sandbox.until_asleep()
    sandbox.clock.advance(51)
    assert await dead.closed() is None
    ping.cancel()


async def test_a_half_open_socket_outlives_its_session_and_not_the_sandbox(open_sandbox: Any) -> None:
    sandbox = await open_sandbox()
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    assert await link.quiet()
    await sandbox.fault("half_open")
    await sandbox.call("channel/close", _who(session))
    await sandbox.control("GET", "state")
    assert link.link.state is websockets.State.OPEN
    async with asyncio.timeout(1.5):
        await sandbox.server.stop()
    assert await link.closed() is None


async def test_a_freeze_may_hold_the_world_too(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.codes(1)
    await sandbox.fault("freeze", for_s=30, params={"world": False})
    sandbox.advance(20)
    sandbox.advance(11)
    assert await link.quiet()
    sandbox.advance(0.5)
    assert await link.codes(1) == [(19, "t")]


async def test_taking_a_freeze_back_thaws_at_once(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("freeze")
    waiting = beat(sandbox, session)
    await sandbox.control("GET", "state")
    assert not waiting.done()
    await sandbox.control("DELETE", "faults")
    assert (await waiting)["code"] == 0


async def test_expired_tokens_are_refused_on_both_ways(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    fault = await sandbox.fault("expire_tokens", vendor="softsugar")
    assert (await sandbox.request("channel/heartbeat", _who(session))).status_code == 401
    link = await sandbox.connect(session)
    assert (await link.frame())["code"] == 1
    await sandbox.control("DELETE", f"faults/{fault}")
    assert (await sandbox.call("channel/heartbeat", _who(session)))["code"] == 0


async def test_a_skewed_vendor_prints_skewed_times(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.fault("skew", params={"seconds": 120})
    await link.say("t", TEXT)
    stamp = (await link.frame())["data"]["timestamp"]
    assert stamp == round(sandbox.clock.now().timestamp() * 1000) + 120_000
    answer = await sandbox.request("channel/heartbeat", _who(session))
    assert answer.headers["Date"] == "Sat, 14 Mar 2026 06:05:25 GMT"
    assert answer.json()["code"] == 0
    await sandbox.control("DELETE", "faults")
    assert (await sandbox.request("channel/heartbeat", _who(session))).headers[
        "Date"
    ] == "Sat, 14 Mar 2026 06:03:25 GMT"


async def test_faults_are_listed_with_their_hits(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("error", count=3, endpoint="channel_heartbeat")
    await sandbox.call("channel/heartbeat", _who(session))
    (row,) = (await sandbox.control("GET", "faults"))["faults"]
    assert (row["kind"], row["count"], row["hits"], row["left_s"]) == ("error", 2, 1, None)


@pytest.mark.parametrize("body", [{}, {"kind": "nonsense"}, {"kind": "error", "what": 1}, []])
async def test_nonsense_faults_are_refused(sandbox: Sandbox, body: Any) -> None:
    assert (await sandbox.client.post("/sandbox/faults", json=body)).status_code == 400


async def test_a_hanging_request_does_not_hold_up_the_end(open_sandbox: Any) -> None:
    sandbox = await open_sandbox()
    session = await sandbox.go_live()
    fault = await sandbox.fault("timeout_before")
    waiting = beat(sandbox, session)
    await sandbox.until_hit(fault)
    async with asyncio.timeout(1.5):
        await sandbox.server.stop()
    with pytest.raises(httpx.HTTPError):
        await waiting


def _who(session: dict[str, Any]) -> dict[str, str]:
    return {"sessionId": session["sessionId"]}


async def test_a_planned_fault_waits_for_its_time_and_lasts_from_then(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("error", after_s=10, for_s=5, params={"status": 503})
    planned = (await sandbox.control("GET", "faults"))["faults"][0]
    assert (planned["starts_in_s"], planned["left_s"]) == (10, 15)
    assert (await sandbox.request("channel/heartbeat", _who(session))).status_code == 200
    sandbox.advance(10)
    assert (await sandbox.request("channel/heartbeat", _who(session))).status_code == 503
    sandbox.advance(5)
    assert (await sandbox.request("channel/heartbeat", _who(session))).status_code == 200
    assert (await sandbox.control("GET", "faults"))["faults"] == []


async def test_a_planned_fault_that_acts_at_once_acts_at_its_time(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("session_end", after_s=3, session=session["sessionId"], params={"status": 9})
    sandbox.advance(2.9)
    assert await sandbox.stat(session) == 2
    sandbox.advance(0.1)
    assert await sandbox.stat(session) == 9


async def test_a_planned_fault_can_be_taken_back(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    planned = await sandbox.fault("session_end", after_s=3, session=session["sessionId"])
    await sandbox.control("DELETE", f"faults/{planned}")
    sandbox.advance(10)
    assert await sandbox.stat(session) == 2


async def test_a_fault_may_wait_for_words_that_ask_for_a_place(sandbox: Sandbox) -> None:
    """A script's items go to the end; the fault is for what a person says."""
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.fault("swallow_frame", count=1, params={"urgent_only": True})
    await link.say("script-1", TEXT, priority=-1)
    assert (await link.codes(1))[0] == (20, "script-1")
    await link.say("person-1", TEXT, priority=1)
    await link.say("script-2", TEXT, priority=-1)
    assert await link.codes(1) == [(20, "script-2")]
    assert "person-1" not in await sandbox.queue(session)
