"""Both gateways against the sandbox, over real sockets; its time moves only when a test says so.

A `Desk` is one vendor account with its gateway. The same suite runs at both; where the vendors differ, the capabilities
say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from dashboard.vendors import http as vendor_http
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.port import (
    Accepted,
    Credential,
    Gateway,
    Link,
    PlannedItem,
    Purpose,
    Report,
    RoomPlan,
    Session,
    StartPlan,
    Vendor,
)
from dashboard.vendors.softsugar.gateway import SoftSugarGateway

ITEMS = (
    PlannedItem(1, 1, "Greeting", "欢迎来到我们的直播间，今天有三款新品。先看第一款。"),
    PlannedItem(2, 1, "Offer", "这支口红今天只要九十九元。喜欢的朋友请下单。"),
)
CONFIG = {
    "file_id": "role-1",
    "model_asset_id": "model-1",
    "voice_asset_id": "voice-1",
    "resolution": "1080x1920",
    "bit_rate": 4,
}
SILENT_CLIP = "https://talkback.example.com/silence.mp3"


class OpenLimits:
    """The sandbox keeps the real limits; tests that are not about them let its clock go on instead."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.is_careful = True

    async def admit(self, api: str, purpose: Purpose) -> float | None:
        if self.is_careful:
            self._clock.advance(0.4)
        return None

    async def closed(self, api: str) -> float | None:
        return None

    async def refused(self, api: str, for_s: float, *, to_panic: bool = False) -> None:
        return


@dataclass
class Desk:
    vendor: Vendor
    gateway: Gateway
    server: SandboxServer
    clock: ManualClock
    credential: Credential
    limits: OpenLimits
    links: list[Link] = field(default_factory=list)
    listeners: list[asyncio.Task[None]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    rooms: int = 0

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.server.world.advance()

    def fault(self, kind: str, **options: Any) -> str:
        return self.server.world.faults.add(kind, vendor=self.vendor.value, **options).id

    def heard(self, session: Session) -> list[dict[str, Any]]:
        return self.server.world.record.entries(session.vendor_ref)

    def another(self, **changes: Any) -> Gateway:
        """A second gateway to the same sandbox with another credential, or over another transport."""
        make = SoftSugarGateway if self.vendor is Vendor.SOFTSUGAR else MetaStudioGateway
        wires = {name: changes.pop(name) for name in ("transport", "connect") if name in changes}
        gateway: Gateway = make(replace(self.credential, **changes), limiter=self.limits, clock=self.clock, **wires)
        return gateway

    async def plan(self, **more: Any) -> StartPlan:
        """A room that can be started; pushed to the vendor where it holds rooms."""
        self.rooms += 1
        room = RoomPlan(f"A{self.rooms}", f"Room {self.rooms}", "zh-CN", ITEMS, CONFIG)
        if self.gateway.capabilities().holds_rooms:
            room = replace(room, vendor_ref=value(await self.gateway.create_room(room)).vendor_ref)
        return StartPlan(f"job-{self.rooms}", room, **more)

    async def start(self, **more: Any) -> Session:
        opened = value(await self.gateway.start_job(await self.plan(**more)))
        session: Session = opened.session
        return session

    async def on_air(self, **more: Any) -> Session:
        session = await self.start(**more)
        self.advance(4.0)
        value(await self.gateway.go_live(session))
        return session

    async def listen(self, session: Session, gateway: Gateway | None = None) -> Link:
        """An open link whose reports are collected."""
        link = (gateway or self.gateway).link(session)
        assert link is not None
        value(await link.open())
        self.links.append(link)
        self.listeners.append(asyncio.create_task(self._collect(link)))
        return link

    async def _collect(self, link: Link) -> None:
        async for report in link.reports():
            async with self.came:
                self.reports.append(report)
                self.came.notify_all()

    async def until(self, kind: type, **fields: Any) -> Any:
        """The first report of that kind with these values; it may have come already."""

        def found() -> Report | None:
            for report in self.reports:
                if isinstance(report, kind) and all(getattr(report, name) == one for name, one in fields.items()):
                    return report
            return None

        async with asyncio.timeout(3), self.came:
            await self.came.wait_for(lambda: found() is not None)
        return found()

    async def close(self) -> None:
        for link in self.links:
            await link.close()
        await asyncio.gather(*self.listeners)
        await self.gateway.close()


def value(outcome: Any) -> Any:
    assert isinstance(outcome, Accepted), outcome
    return outcome.value


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    server = SandboxServer(SandboxConfig(port=0, ticks=False, seed=7), ManualClock())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs that a test can wait for."""
    import httpx

    monkeypatch.setattr(vendor_http, "TIMEOUT", httpx.Timeout(connect=1.0, read=0.3, write=0.3, pool=0.3))
    monkeypatch.setattr(vendor_http, "PING_S", 0.3)


def make_desk(vendor: Vendor, server: SandboxServer) -> Desk:
    own = server.world.credentials
    clock = server.world.clock.source
    assert isinstance(clock, ManualClock)
    credential = Credential(
        vendor,
        server.url,
        region="cn-north-4",
        project_id=own.project_id,
        access_key=own.ak,
        secret_key=own.sk,
        token=own.softsugar_token,
        command_channel=True,
        silent_clip_url=SILENT_CLIP,
    )
    limits = OpenLimits(clock)
    make = SoftSugarGateway if vendor is Vendor.SOFTSUGAR else MetaStudioGateway
    return Desk(vendor, make(credential, limiter=limits, clock=clock), server, clock, credential, limits)


@pytest.fixture(params=list(Vendor))
async def desk(request: pytest.FixtureRequest, quick: None, server: SandboxServer) -> AsyncIterator[Desk]:
    """One desk of each vendor in turn."""
    desk = make_desk(request.param, server)
    yield desk
    await desk.close()


@pytest.fixture
async def softsugar(quick: None, server: SandboxServer) -> AsyncIterator[Desk]:
    desk = make_desk(Vendor.SOFTSUGAR, server)
    yield desk
    await desk.close()


@pytest.fixture
async def metastudio(quick: None, server: SandboxServer) -> AsyncIterator[Desk]:
    desk = make_desk(Vendor.METASTUDIO, server)
    yield desk
    await desk.close()


@dataclass
class Posted:
    url: str
    headers: dict[str, str]
    body: bytes


class Sink:
    """A small HTTP server that keeps what the vendors post."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[Posted] = []
        self.came = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                headers = {name: text.strip() for name, _, text in (line.partition(":") for line in lines if line)}
                length = next((text for name, text in headers.items() if name.lower() == "content-length"), "0")
                body = await reader.readexactly(int(length))
                async with self.came:
                    self.posts.append(Posted(first.split(" ")[1], headers, body))
                    self.came.notify_all()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def until(self, count: int) -> list[Posted]:
        async with asyncio.timeout(3), self.came:
            await self.came.wait_for(lambda: len(self.posts) >= count)
        return self.posts


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    sink.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callbacks/9f3c"
    yield sink
    server.close()
