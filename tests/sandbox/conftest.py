"""A sandbox in this process, on a free port, with a clock that only the test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_fields, check_response

API = "/api/2dvh/v1/material/live"
SCRIPT = {
    "version": "0.0.2",
    "resolution": [1080, 1920],
    "live_type": "SuperLiveRoomPro",
    "file_preload_list": ["warm-1"],
    "sceneList": [
        {
            "digital_role": {"face_feature_id": "nina", "file_id": "role-1"},
            "digital_role_sublist": [{"file_id": "role-1"}, {"file_id": "role-2"}],
        }
    ],
}


class Takeover:
    """A client of the takeover socket."""

    def __init__(self, link: websockets.ClientConnection) -> None:
        self.link = link

    async def say(self, ref: str, text: str = "欢迎来到我们的直播间。", priority: int | None = -1, **more: Any) -> None:
        frame = {"code": 10, "message": "begin", "commandTraceId": ref, "tts_query": {"content": text, "ssml": False}}
        if priority is not None:
            frame["priority"] = priority
        await self.send({**frame, **more})

    async def send(self, frame: Any) -> None:
        await self.link.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def frame(self, within: float = 3.0) -> dict[str, Any]:
        async with asyncio.timeout(within):
            value: dict[str, Any] = json.loads(await self.link.recv())
        documented = contract("softsugar").frame(value["code"], "down")
        assert documented is not None
        assert check_fields(contract("softsugar"), documented.fields, value) == ()
        return value

    async def codes(self, count: int) -> list[tuple[int, str]]:
        """Codes and refs of the next frames."""
        frames = [await self.frame() for _ in range(count)]
        return [(one["code"], one.get("data", {}).get("commandTraceId", "")) for one in frames]

    async def quiet(self) -> bool:
        """Nothing came although the server answered another question meanwhile."""
        await self.send({"code": 101})
        return (await self.frame())["code"] == 102

    async def closed(self) -> int | None:
        """Wait for the end; its code (None: no close frame)."""
        async with asyncio.timeout(3):
            await self.link.wait_closed()
        frame = self.link.protocol.close_rcvd
        return None if frame is None else frame.code


def check_answer(method: str, path: str, answer: httpx.Response) -> None:
    """Whatever the sandbox answers with success must be what the contract documents."""
    documents = contract("softsugar")
    found = documents.match(method, path)
    if found is not None and answer.status_code == 200 and answer.json().get("code") == 0:
        assert check_response(documents, found[0], 200, answer.json()) == ()


class Sandbox:
    def __init__(self, server: SandboxServer, clock: ManualClock) -> None:
        self.server = server
        self.world = server.world
        self.clock = clock
        self.token = server.world.credentials.softsugar_token
        self.client = httpx.AsyncClient(base_url=server.url, timeout=5, verify=False)
        self.links: list[websockets.ClientConnection] = []

    def advance(self, seconds: float) -> None:
        """Real and world time go on together, and everything due happens."""
        self.clock.advance(seconds)
        self.world.advance()

    async def until_asleep(self) -> None:
        """Until some task of the sandbox waits for the clock, so that moving it wakes that task."""
        async with asyncio.timeout(3):
            while not self.clock._sleepers:  # noqa: ASYNC110  a manual clock has no event to wait for
                await asyncio.sleep(0.001)

    async def until_hit(self, fault: str) -> None:
        """Until a fault was used, or used up."""
        async with asyncio.timeout(3):
            while any(one["id"] == fault and not one["hits"] for one in self.world.faults.all()):  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.client.request(method, "/sandbox/" + path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def fault(self, kind: str, **fields: Any) -> str:
        answer = await self.control("POST", "faults", {"kind": kind, **fields})
        return str(answer["id"])

    async def call(self, path: str, body: dict[str, Any] | None = None, method: str = "POST", **query: Any) -> Any:
        """A SoftSugar call; the whole envelope."""
        answer = await self.request(path, body, method, **query)
        return answer.json()

    async def request(self, path: str, body: Any = None, method: str = "POST", **query: Any) -> httpx.Response:
        headers = {"Authorization": self.token}
        url = path if path.startswith("/") else f"{API}/{path}"
        answer = await self.client.request(method, url, json=body, params=query or None, headers=headers)
        check_answer(method, url, answer)
        return answer

    async def create(self, script: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        body = {"param": json.dumps(script or SCRIPT), **more}
        answer = await self.call("/api/2dvh/v2/material/live/channel/create", body)
        assert answer["code"] == 0, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def go_live(self, **more: Any) -> dict[str, Any]:
        session = await self.create(**more)
        self.advance(3.0)
        assert (await self.call("channel/start", {"sessionId": session["sessionId"]}))["data"] is True
        return session

    async def connect(self, session: dict[str, Any], token: str | None = None) -> Takeover:
        path = "/api/live-takeover-cc/v1/material/live/channel/command/microphone"
        query = f"clientType=BROWSER&sessionId={session['sessionId']}&Authorization={token or session['sessionToken']}"
        url = self.server.url.replace("http", "ws") + f"{path}?{query}"
        link = await websockets.connect(url, ping_interval=None)
        self.links.append(link)
        return Takeover(link)

    async def stat(self, session: dict[str, Any]) -> int:
        answer = await self.call("channel/stat", method="GET", sessionId=session["sessionId"])
        return int(answer["data"]["status"])

    async def queue(self, session: dict[str, Any]) -> list[str]:
        answer = await self.call("channel/command/queue/list", {"sessionId": session["sessionId"]})
        refs: list[str] = answer["data"]["commandTraceIds"]
        return refs

    async def heard(self, session: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.control("GET", f"audible?session={session['sessionId']}")
        rows: list[dict[str, Any]] = answer["heard"]
        return rows

    async def close(self) -> None:
        for link in self.links:
            await link.close()
        await self.client.aclose()


Open = Callable[..., Any]


@pytest.fixture
async def open_sandbox() -> AsyncIterator[Open]:
    """Start sandboxes by hand, for tests that stop and start them."""
    running: list[tuple[SandboxServer, Sandbox]] = []

    async def start(clock: ManualClock | None = None, **options: Any) -> Sandbox:
        manual = clock or ManualClock()
        server = SandboxServer(SandboxConfig(port=0, ticks=False, **{"seed": 7, **options}), manual)
        await server.start()
        sandbox = Sandbox(server, manual)
        running.append((server, sandbox))
        return sandbox

    yield start
    for server, sandbox in running:
        await sandbox.close()
        await server.stop()


@pytest.fixture
async def sandbox(open_sandbox: Open) -> Sandbox:
    return await open_sandbox()


class Sink:
    """A small HTTP server that takes what the sandbox posts; `answers` are used up first, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self._came = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
                lines = head.decode().split("\r\n")[1:]
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status = self.answers.pop(0) if self.answers else 200
                async with self._came:
                    self.bodies.append(body)
                    self.headers.append(headers)
                    self._came.notify_all()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    @property
    def values(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    async def until(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(3), self._came:
            await self._came.wait_for(lambda: len(self.bodies) >= count)
        return self.values


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    sink.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"
    yield sink
    server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sandbox"
