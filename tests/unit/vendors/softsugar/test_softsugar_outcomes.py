"""Which outcome each answer, silence and broken connection is, and what never leaves."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError
from websockets.protocol import State

from dashboard.lib.clock import ManualClock
from dashboard.vendors.port import (
    Accepted,
    AudienceEvent,
    Credential,
    NotSent,
    PlannedItem,
    PlayAt,
    PlayClip,
    Purpose,
    Rejected,
    RoomPlan,
    Say,
    Session,
    StartPlan,
    Unknown,
    Vendor,
    always,
)
from dashboard.vendors.softsugar.gateway import SoftSugarGateway

SESSION = Session("s1", token="session-secret")
SAY = Say("t1", "请大家把喜欢打在公屏上。", PlayAt.END)
ROOM = RoomPlan("A1", "Room", "zh-CN", (PlannedItem(1, 1, "", "欢迎来到我们的直播间。"),), {"file_id": "role-1"})
Handler = Callable[[httpx.Request], httpx.Response]


class NoLimits:
    """What the vendor itself refused is all that is kept: it documents no rate limits."""

    def __init__(self, wait: float | None = None) -> None:
        self.wait = wait
        self.told: list[tuple[str, float]] = []

    async def admit(self, api: str, purpose: Purpose) -> float | None:
        raise AssertionError("SoftSugar documents no rate limits")

    async def closed(self, api: str) -> float | None:
        return self.wait

    async def refused(self, api: str, for_s: float, *, to_panic: bool = False) -> None:
        self.told.append((api, for_s))


class FakePeer:
    """Stands in for a websockets connection at its edge: state, send, close."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.state = State.OPEN
        self.sent: list[str] = []
        self.problem = problem
        self.close_code: int | None = None

    async def send(self, text: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.sent.append(text)

    async def close(self) -> None:
        self.state = State.CLOSED


def gateway(handler: Handler, *, limits: NoLimits | None = None, **more: Any) -> SoftSugarGateway:
    credential = Credential(Vendor.SOFTSUGAR, "https://aigc.example.com", token="platform-secret")
    return SoftSugarGateway(
        credential, limiter=limits or NoLimits(), clock=ManualClock(), transport=httpx.MockTransport(handler), **more
    )


def envelope(data: Any = None, code: int = 0, status: int = 200, **headers: str) -> Handler:
    return lambda request: httpx.Response(
        status, json={"code": code, "message": "success" if not code else "参数错误", "data": data}, headers=headers
    )


def failing(problem: type[httpx.HTTPError]) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise problem("token platform-secret in a message")

    return handler


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"nothing may be sent: {request.url.path}")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (httpx.ConnectError, NotSent("no_connection", detail="ConnectError")),
        (httpx.ConnectTimeout, NotSent("no_connection", detail="ConnectTimeout")),
        (httpx.PoolTimeout, NotSent("no_connection", detail="PoolTimeout")),
        (httpx.ReadTimeout, Unknown("timeout", "ReadTimeout")),
        (httpx.WriteTimeout, Unknown("timeout", "WriteTimeout")),
        (httpx.RemoteProtocolError, Unknown("broken_connection", "RemoteProtocolError")),
        (httpx.ReadError, Unknown("broken_connection", "ReadError")),
        (httpx.WriteError, Unknown("broken_connection", "WriteError")),
    ],
)
async def test_each_way_to_fail_has_its_outcome(problem: type[httpx.HTTPError], expected: NotSent | Unknown) -> None:
    assert await gateway(failing(problem)).stop_job(SESSION) == expected


@pytest.mark.parametrize(
    ("handler", "kind", "why"),
    [
        (envelope(True), Accepted, ""),
        (envelope(None), Accepted, ""),
        (envelope(""), Accepted, ""),
        (envelope(False), Rejected, "not_done"),
        (envelope(code=404), Rejected, "envelope_404"),
        (envelope(code=401, status=401), Rejected, "envelope_401"),
        (envelope(code=7, status=500), Unknown, "server_error"),
        (envelope(status=429, **{"Retry-After": "7"}), NotSent, "rate_limit"),
        (envelope({"odd": 1}), Unknown, "unreadable_answer"),
        (envelope(True, status=404), Unknown, "unreadable_answer"),
        (lambda request: httpx.Response(200, text="<html>"), Unknown, "unreadable_answer"),
        (lambda request: httpx.Response(200, content=b""), Unknown, "unreadable_answer"),
        (lambda request: httpx.Response(200, content=b"[" * 100_000), Unknown, "unreadable_answer"),
        (lambda request: httpx.Response(404, text="no"), Rejected, "http_404"),
        (lambda request: httpx.Response(302, headers={"Location": "https://evil"}), Rejected, "http_302"),
        (lambda request: httpx.Response(408), NotSent, "busy"),
        (lambda request: httpx.Response(500), Unknown, "server_error"),
        (lambda request: httpx.Response(502), Unknown, "server_error"),
        (lambda request: httpx.Response(503), Unknown, "server_error"),
        (lambda request: httpx.Response(504), Unknown, "server_error"),
    ],
)
async def test_each_answer_has_its_outcome(handler: Handler, kind: type, why: str) -> None:
    outcome = await gateway(handler).stop_job(SESSION)
    assert isinstance(outcome, kind)
    if isinstance(outcome, Rejected):
        assert outcome.error.code == why
    elif isinstance(outcome, NotSent | Unknown):
        assert outcome.why == why


async def test_retry_after_is_kept_within_reason() -> None:
    assert await gateway(envelope(status=429, **{"Retry-After": "7"})).stop_job(SESSION) == NotSent("rate_limit", 7.0)
    assert await gateway(envelope(status=429, **{"Retry-After": "9e99"})).stop_job(SESSION) == NotSent(
        "rate_limit", 60.0
    )
    assert await gateway(envelope(status=429)).stop_job(SESSION) == NotSent("rate_limit", 1.0)


async def test_too_many_requests_are_told_to_all_who_call_this_vendor() -> None:
    limits = NoLimits()
    await gateway(envelope(status=429, **{"Retry-After": "7"}), limits=limits).stop_job(SESSION)
    await gateway(envelope(status=429), limits=limits).list_running()
    assert limits.told == [("channel_close", 7.0), ("running_list", 1.0)]
    for handler in (envelope(True), envelope(status=503), lambda request: httpx.Response(408)):
        await gateway(handler, limits=limits).stop_job(SESSION)
    assert len(limits.told) == 2


async def test_a_call_that_the_vendor_closed_is_not_sent() -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"nothing may be sent: {request.url.path}")

    assert await gateway(never, limits=NoLimits(wait=6.5)).stop_job(SESSION) == NotSent("rate_limit", 6.5)


async def test_an_answer_that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.vendors.http.LARGEST_ANSWER", 1000)
    outcome = await gateway(lambda request: httpx.Response(200, content=b" " * 1001)).stop_job(SESSION)
    assert isinstance(outcome, Unknown)
    assert outcome.why == "unreadable_answer"


async def test_the_token_is_a_header_and_the_body_is_json() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"code": 0, "message": "success", "data": {"isSuccess": True}})

    assert isinstance(await gateway(handler).cancel(SESSION, ["a", "b"], always), Accepted)
    assert isinstance(await gateway(handler).cancel(SESSION, None, always), Accepted)
    assert seen[0].headers["authorization"] == "platform-secret"
    assert seen[0].url.path == "/api/2dvh/v1/material/live/channel/command/cancel"
    assert json.loads(seen[0].content) == {"sessionId": "s1", "commandTraceId": "a;b"}
    assert json.loads(seen[1].content)["commandTraceId"] == "-1"


async def test_a_guard_that_says_no_stops_the_call() -> None:
    assert await gateway(never).cancel(SESSION, None, lambda: False) == NotSent("overtaken")
    assert await gateway(never).reorder(SESSION, "t", 1, lambda: False) == NotSent("overtaken")


async def test_a_partly_done_cancel_says_so() -> None:
    outcome = await gateway(envelope({"isSuccess": False, "message": "接管不存在: b"})).cancel(SESSION, ["b"], always)
    assert isinstance(outcome, Rejected)
    assert (outcome.error.code, outcome.error.detail) == ("not_cancelled", "接管不存在: b")


async def test_what_the_contract_forbids_is_never_sent() -> None:
    bad = RoomPlan("A1", "Room", "zh-CN", (), {"file_id": "role-1", "bit_rate": 99})
    refused = await gateway(never).start_job(StartPlan("job-7", bad))
    assert isinstance(refused, Rejected)
    assert refused.error.code == "contract"
    assert "bit_rate" in refused.error.detail


async def test_a_room_without_an_avatar_is_refused_here() -> None:
    bare = RoomPlan("A1", "Room", "zh-CN", (), {})
    refused = await gateway(never).start_job(StartPlan("job-7", bare))
    assert isinstance(refused, Rejected)
    assert refused.error.code == "no_avatar"


@pytest.mark.parametrize("status", [9, 97, 98])
async def test_a_create_without_a_free_stream_is_a_refusal(status: int) -> None:
    answer = {"sessionId": "s1", "sessionToken": "x", "status": status}
    refused = await gateway(envelope(answer)).start_job(StartPlan("job-7", ROOM))
    assert isinstance(refused, Rejected)
    assert refused.error.code == str(status)


async def test_a_create_gives_a_session_whose_token_is_in_no_repr() -> None:
    answer = {"sessionId": "s1", "sessionToken": "session-secret", "status": 32}
    opened = await gateway(envelope(answer)).start_job(StartPlan("job-7", ROOM))
    assert isinstance(opened, Accepted)
    assert opened.value.session == SESSION
    assert opened.value.report is not None
    assert (opened.value.report.says, opened.value.report.user_data) == ("preparing", "job-7")
    assert "secret" not in repr(opened)


async def test_a_token_that_cannot_be_a_header_is_said_so() -> None:
    credential = Credential(Vendor.SOFTSUGAR, "https://x.example.com", token="令牌\r\nX: y")
    odd = SoftSugarGateway(credential, limiter=NoLimits(), clock=ManualClock(), transport=httpx.MockTransport(never))
    outcome = await odd.list_running()
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == "credential"


async def test_what_softsugar_does_not_have_is_refused_without_a_call() -> None:
    door = gateway(never)
    outcomes = [
        await door.create_room(ROOM),
        await door.update_room(ROOM),
        await door.list_rooms(),
        await door.show_room("r"),
        await door.play_clip(SESSION, PlayClip("t", "https://x/a.mp3", PlayAt.NOW), always),
        await door.report_events(SESSION, [AudienceEvent(1, 0, "{}")]),
        await door.refresh_report_url(SESSION),
    ]
    assert all(isinstance(one, Rejected) and one.error.code == "capability" for one in outcomes)
    assert isinstance(await door.pause_script(SESSION, None, always), Accepted)
    assert isinstance(await door.resume_script(SESSION, None, always), Accepted)


async def test_secrets_are_in_no_outcome_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes: list[object] = [await gateway(failing(httpx.ConnectError)).stop_job(SESSION)]
    outcomes.append(await gateway(envelope(True)).stop_job(SESSION))
    assert "secret" not in repr(outcomes)
    assert "secret" not in caplog.text


# ------------------------------------------------------------------------------------------------------ takeover socket


def connector(peer: FakePeer | Exception) -> Callable[..., Any]:
    async def connect(url: str, **options: Any) -> ClientConnection:
        assert "Authorization=session-secret" in url
        assert options["ping_interval"] is None
        if isinstance(peer, Exception):
            raise peer
        return peer  # type: ignore[return-value]

    return connect


async def test_a_sentence_is_written_to_the_open_socket() -> None:
    peer = FakePeer()
    door = gateway(never, connect=connector(peer))
    link = door.link(SESSION)
    assert link is not None
    assert await door.say(SESSION, SAY, link, always) == NotSent("link_down")
    assert isinstance(await link.open(), Accepted)
    said = await door.say(SESSION, SAY, link, always)
    assert isinstance(said, Accepted)
    assert said.value.vendor_ref == ""
    assert json.loads(peer.sent[0])["commandTraceId"] == "t1"
    assert await door.say(SESSION, SAY, link, lambda: False) == NotSent("overtaken")
    await link.close()
    assert await door.say(SESSION, SAY, link, always) == NotSent("link_down")
    assert len(peer.sent) == 1


async def test_a_socket_that_breaks_while_writing_leaves_it_open_what_happened() -> None:
    door = gateway(never, connect=connector(FakePeer(ConnectionClosedError(None, None))))
    link = door.link(SESSION)
    assert link is not None
    await link.open()
    assert await door.say(SESSION, SAY, link, always) == Unknown("link_lost")


async def test_short_and_endless_texts_are_refused_here() -> None:
    door = gateway(never)
    for text, code in (
        ("太短了", "text_too_short"),
        ("  短  " + " " * 9, "text_too_short"),
        ("长" * 5001, "text_too_long"),
    ):
        outcome = await door.say(SESSION, Say("t", text, PlayAt.END), None, always)
        assert isinstance(outcome, Rejected)
        assert outcome.error.code == code


@pytest.mark.parametrize("problem", [OSError("refused"), TimeoutError()])
async def test_a_socket_that_cannot_be_opened_is_not_sent(problem: Exception) -> None:
    link = gateway(never, connect=connector(problem)).link(SESSION)
    assert link is not None
    outcome = await link.open()
    assert isinstance(outcome, NotSent)
    assert outcome.why == "no_connection"
    assert not await link.ping()
    assert [report async for report in link.reports()] == []


async def one_frame(text: str) -> AsyncIterator[str]:
    yield text


async def test_a_failure_is_booked_on_the_takeover_that_waits() -> None:
    class Talking(FakePeer):
        def __aiter__(self) -> AsyncIterator[str]:
            return one_frame('{"code":5,"message":"发送数据失败"}')

    door = gateway(never, connect=connector(Talking()))
    link = door.link(SESSION)
    assert link is not None
    await link.open()
    await door.say(SESSION, SAY, link, always)
    [report] = [report async for report in link.reports()]
    assert getattr(report, "trace_id", "") == "t1"
    assert getattr(report, "step", "") == "failed"
