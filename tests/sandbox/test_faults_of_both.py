"""The list of faults that the product promises (latency … a vendor outage), each against each vendor, over sockets."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx
import pytest
import websockets

from tests.sandbox.conftest import API, Sandbox, Sink
from tests.sandbox.metastudio.conftest import Vendor

CALLBACK = {"live_event_type_callback_url": "", "auth_type": "MSS_A_HEAD", "key": "secret"}
TEXTS = ["A first sentence here. A second sentence here. And a third one.", "The next paragraph."] * 20


class Side(Protocol):
    """One vendor with one live job, and the same few moves for both."""

    name: str
    session: str

    async def go_live(self) -> None: ...

    async def read(self) -> httpx.Response:
        """A call without an effect."""

    async def end(self) -> httpx.Response:
        """A call with one: the job ends."""

    async def is_live(self) -> bool: ...

    async def begin(self) -> bool:
        """One more live job; False when it is refused as over quota."""

    async def link(self) -> websockets.ClientConnection: ...

    async def tell(self, count: int) -> list[str]:
        """Cause so many callbacks; what each is known by, in order."""

    def known_by(self, body: dict[str, Any]) -> str: ...

    def is_signed(self, body: bytes, headers: dict[str, str]) -> bool: ...


class Sugar:
    name = "softsugar"

    def __init__(self, sandbox: Sandbox, sink: Sink) -> None:
        self.sandbox, self.sink = sandbox, sink

    async def go_live(self) -> None:
        self.live = await self.sandbox.go_live()
        self.session = self.live["sessionId"]
        await self.sandbox.control(
            "PUT", "callbacks", {"vendor": self.name, "url": self.sink.url, "auth_key": "secret"}
        )

    async def read(self) -> httpx.Response:
        return await self.sandbox.request("channel/stat", None, "GET", sessionId=self.session)

    async def end(self) -> httpx.Response:
        headers = {"Authorization": self.sandbox.token}
        body = {"sessionId": self.session}
        return await self.sandbox.client.post(f"{API}/channel/close", json=body, headers=headers, timeout=0.5)

    async def is_live(self) -> bool:
        return await self.sandbox.stat(self.live) == 2

    async def begin(self) -> bool:
        return (await self.sandbox.create())["status"] not in (97, 98)

    async def link(self) -> websockets.ClientConnection:
        return (await self.sandbox.connect(self.live)).link

    async def tell(self, count: int) -> list[str]:
        other = await self.sandbox.connect(self.live)
        for number in range(count):
            await other.say(f"t{number}", "欢迎来到我们的直播间。")
            assert (await other.frame())["code"] == 20
        return [f"t{number}" for number in range(count)]

    def known_by(self, body: dict[str, Any]) -> str:
        return str(body.get("commandTraceId"))

    def is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        wanted = hmac.new(b"secret", headers["timestamp"].encode() + body, hashlib.sha256).hexdigest()
        return headers["signature"] == wanted


class Meta:
    name = "metastudio"

    def __init__(self, sandbox: Sandbox, sink: Sink) -> None:
        self.sandbox, self.sink = sandbox, sink
        self.vendor = Vendor(sandbox.server, sandbox.clock, sandbox.client)
        # A vendor that misbehaves on request answers what no document has.
        self.vendor.is_checking = False

    async def go_live(self) -> None:
        config = {**CALLBACK, "live_event_type_callback_url": self.sink.url}
        config["callback_event_type"] = ["REPLY_COMMAND_FINISH"]  # type: ignore[assignment]
        self.job = await self.vendor.on_air(TEXTS, live_event_callback_config=config)
        self.session = self.job.job_id

    async def read(self) -> httpx.Response:
        return await self.vendor.call("GET", self.vendor.job_path(self.job))

    async def end(self) -> httpx.Response:
        self.sandbox.client.timeout = httpx.Timeout(0.5)
        try:
            return await self.vendor.call("POST", self.vendor.job_path(self.job, "stop"))
        finally:
            self.sandbox.client.timeout = httpx.Timeout(5)

    async def is_live(self) -> bool:
        return self.job.is_running

    async def begin(self) -> bool:
        room = await self.vendor.make_room()
        path = self.vendor.path("smart-live-rooms", room, "smart-live-jobs")
        return (await self.vendor.call("POST", path, {})).status_code == 202

    async def link(self) -> websockets.ClientConnection:
        return await self.vendor.join(self.job)

    async def tell(self, count: int) -> list[str]:
        told = [await self.vendor.say(self.job, "Some words.", "INSERT") for _ in range(count)]
        self.vendor.play(60)
        return told

    def known_by(self, body: dict[str, Any]) -> str:
        return str(json.loads(body["message"])["reply_id"])

    def is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        text = self.sink.url + headers["x-hw-mss-time"]
        return headers["x-hw-mss-secret"] == hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture(params=[Sugar, Meta], ids=["softsugar", "metastudio"])
async def side(request: pytest.FixtureRequest, sandbox: Sandbox, sink: Sink) -> Side:
    one: Side = request.param(sandbox, sink)
    await one.go_live()
    return one


async def arm(sandbox: Sandbox, side: Side, kind: str, **fields: Any) -> str:
    return await sandbox.fault(kind, vendor=side.name, **fields)


async def told(side: Side, sandbox: Sandbox, sink: Sink, count: int) -> list[str]:
    await sink.until(count)
    return [side.known_by(body) for body in sink.values]


async def test_latency(sandbox: Sandbox, side: Side) -> None:
    await arm(sandbox, side, "latency", count=1, session=side.session, params={"seconds": 30})
    waiting = asyncio.create_task(side.end())
    await sandbox.until_asleep()
    assert await side.is_live()
    sandbox.clock.advance(31)
    assert (await waiting).status_code == 200
    assert not await side.is_live()


@pytest.mark.parametrize("after", [False, True])
async def test_server_errors_before_and_after_the_effect(sandbox: Sandbox, side: Side, after: bool) -> None:
    await arm(sandbox, side, "error", count=1, params={"status": 502, "after": after})
    assert (await side.end()).status_code == 502
    assert await side.is_live() is not after


@pytest.mark.parametrize(("kind", "is_live"), [("timeout_before", True), ("timeout_after", False)])
async def test_timeouts_before_and_after_the_effect(sandbox: Sandbox, side: Side, kind: str, is_live: bool) -> None:
    await arm(sandbox, side, kind, count=1)
    with pytest.raises(httpx.ReadTimeout):
        await side.end()
    assert await side.is_live() is is_live


@pytest.mark.parametrize(("params", "code"), [({}, 1011), ({"code": 1012}, 1012), ({"abrupt": True}, None)])
async def test_dropped_sockets(sandbox: Sandbox, side: Side, params: dict[str, Any], code: int | None) -> None:
    link = await side.link()
    await arm(sandbox, side, "drop_socket", session=side.session, params=params)
    async with asyncio.timeout(3):
        await link.wait_closed()
    assert (link.protocol.close_rcvd.code if link.protocol.close_rcvd else None) == code
    assert await is_answered(await side.link())


async def test_half_open_sockets(sandbox: Sandbox, side: Side) -> None:
    link = await side.link()
    assert await is_answered(link)
    await arm(sandbox, side, "half_open", session=side.session)
    pong = await link.ping()
    again = await side.link()
    assert await is_answered(again)
    assert not pong.done()
    await again.close()
    await sandbox.until_asleep()
    sandbox.clock.advance(121)
    async with asyncio.timeout(3):
        await link.wait_closed()
    pong.cancel()


async def is_answered(link: websockets.ClientConnection) -> bool:
    async with asyncio.timeout(3):
        await (await link.ping())
    return True


async def test_duplicated_callbacks(sandbox: Sandbox, side: Side, sink: Sink) -> None:
    await arm(sandbox, side, "duplicate_callback", count=1, params={"times": 3})
    first, second = await side.tell(2)
    assert await told(side, sandbox, sink, 4) == [first, first, first, second]
    assert sink.bodies[0] == sink.bodies[1] == sink.bodies[2]
    assert sink.headers[0] == sink.headers[1] == sink.headers[2]


async def test_late_callbacks(sandbox: Sandbox, side: Side, sink: Sink) -> None:
    await arm(sandbox, side, "delay_callback", count=1, params={"seconds": 30})
    (ref,) = await side.tell(1)
    await sandbox.until_asleep()
    assert sink.bodies == []
    sandbox.clock.advance(31)
    assert await told(side, sandbox, sink, 1) == [ref]


async def test_reordered_callbacks(sandbox: Sandbox, side: Side, sink: Sink) -> None:
    await arm(sandbox, side, "reorder_callback", count=1)
    first, second = await side.tell(2)
    assert await told(side, sandbox, sink, 2) == [second, first]


async def test_forged_callbacks(sandbox: Sandbox, side: Side, sink: Sink) -> None:
    await arm(sandbox, side, "forge_callback", count=1)
    (ref,) = await side.tell(1)
    assert await told(side, sandbox, sink, 2) == [ref, ref]
    signed = [side.is_signed(body, headers) for body, headers in zip(sink.bodies, sink.headers, strict=True)]
    assert signed == [False, True]


async def test_lost_callbacks(sandbox: Sandbox, side: Side, sink: Sink) -> None:
    await arm(sandbox, side, "drop_callback", count=1)
    refs = await side.tell(2)
    assert await told(side, sandbox, sink, 1) == refs[1:]


async def token_call(sandbox: Sandbox, side: Side, token: str) -> int:
    """A call that a token lets in."""
    if side.name == "softsugar":
        answer = await sandbox.client.get(f"{API}/channel/running/list", headers={"Authorization": token})
        return answer.status_code
    project = sandbox.world.credentials.project_id
    path, headers = f"/v1/{project}/smart-live-rooms", {"X-Auth-Token": token}
    return (await sandbox.client.get(path, headers=headers)).status_code


async def token_of(sandbox: Sandbox, side: Side) -> str:
    if side.name == "softsugar":
        return sandbox.token
    own = sandbox.world.credentials
    person = {"name": own.iam_user, "password": own.iam_password, "domain": {"name": own.iam_domain}}
    identity = {"methods": ["password"], "password": {"user": person}}
    body = {"auth": {"identity": identity, "scope": {"project": {"name": "cn-north-4"}}}}
    answer = await sandbox.client.post("/v3/auth/tokens", json=body)
    return answer.headers["X-Subject-Token"]


async def test_expired_tokens(sandbox: Sandbox, side: Side) -> None:
    token = await token_of(sandbox, side)
    sandbox.clock.advance(1)
    assert await token_call(sandbox, side, token) == 200
    fault = await arm(sandbox, side, "expire_tokens")
    sandbox.clock.advance(1)
    assert await token_call(sandbox, side, token) == 401
    await sandbox.client.delete(f"/sandbox/faults/{fault}")
    assert await token_call(sandbox, side, await token_of(sandbox, side)) == 200


async def test_a_skewed_clock(sandbox: Sandbox, side: Side, sink: Sink) -> None:
    await arm(sandbox, side, "skew", params={"seconds": 500})
    date = httpx.Headers((await side.read()).headers)["Date"]
    assert date == (await sandbox.client.get("/sandbox/")).headers["Date"]
    await side.tell(1)
    await sink.until(1)
    readers = {
        "softsugar": lambda one: int(one["timestamp"]) / 1000,
        "metastudio": lambda one: int(one["x-hw-mss-time"], 16),
    }
    assert readers[side.name](sink.headers[0]) == pytest.approx(sandbox.clock.now().timestamp() + 500, abs=2)


async def test_an_exhausted_quota(sandbox: Sandbox, side: Side) -> None:
    fault = await arm(sandbox, side, "quota")
    assert not await side.begin()
    assert await side.is_live()
    await sandbox.control("DELETE", f"faults/{fault}")
    assert await side.begin()


@pytest.mark.parametrize("params", [{}, {"status": 504}, {"hang_up": True}])
async def test_an_outage(sandbox: Sandbox, side: Side, params: dict[str, Any]) -> None:
    fault = await arm(sandbox, side, "outage", params=params)
    for call in (side.read, side.end):
        assert await outcome(call) == ("hung up" if params.get("hang_up") else params.get("status", 503))
    with pytest.raises((websockets.InvalidMessage, websockets.InvalidHandshake, OSError)):
        await side.link()
    await sandbox.control("DELETE", f"faults/{fault}")
    assert (await side.read()).status_code == 200
    assert await side.is_live()


async def outcome(call: Callable[[], Awaitable[httpx.Response]]) -> int | str:
    try:
        return (await call()).status_code
    except (httpx.ReadError, httpx.RemoteProtocolError):
        return "hung up"


async def test_a_fault_of_one_vendor_leaves_the_other_alone(sandbox: Sandbox, side: Side) -> None:
    other = "metastudio" if side.name == "softsugar" else "softsugar"
    for kind in ("outage", "expire_tokens", "quota"):
        await sandbox.fault(kind, vendor=other)
    assert (await side.read()).status_code == 200
    assert await side.begin()
    assert await is_answered(await side.link())
