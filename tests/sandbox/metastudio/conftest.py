"""A sandbox on a real socket whose time moves only when a test says so, and a caller that signs on its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.metastudio_face import MetaStudioFace
from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from tests.conformance.metastudio.answers import check_answer


def sign(method: str, url: str, headers: dict[str, str], body: bytes, ak: str, sk: str) -> str:
    """The Authorization header, written from the published guide and not from the sandbox's code."""
    parts = urlsplit(url)
    segments = [quote(segment, safe="-_.~") for segment in unquote(parts.path).split("/")]
    path = "/".join(segments) + ("" if parts.path.endswith("/") else "/")
    pairs = sorted(tuple(unquote(x) for x in one.partition("=")[::2]) for one in parts.query.split("&") if one)
    query = "&".join(quote(k, safe="-_.~") + "=" + quote(v, safe="-_.~") for k, v in pairs)
    names = sorted(headers)
    payload = headers.get("x-sdk-content-sha256") or hashlib.sha256(body).hexdigest()
    canonical = f"{method}\n{path}\n{query}\n"
    canonical += "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    canonical += f"\n{';'.join(names)}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n{headers['x-sdk-date']}\n{digest}"
    signature = hmac.new(sk.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"SDK-HMAC-SHA256 Access={ak}, SignedHeaders={';'.join(names)}, Signature={signature}"


class Vendor:
    """The sandbox as its tests drive it."""

    def __init__(self, server: SandboxServer, clock: ManualClock, http: httpx.AsyncClient) -> None:
        self.server, self.clock, self.http = server, clock, http
        # Every answer is held against the contract, but for those that a fault makes up.
        self.is_checking = True

    @property
    def world(self) -> Any:
        return self.server.world

    @property
    def face(self) -> MetaStudioFace:
        face = self.world.face("metastudio")
        assert isinstance(face, MetaStudioFace)
        return face

    @property
    def project(self) -> str:
        return str(self.world.credentials.project_id)

    def path(self, *parts: str) -> str:
        return "/".join(["/v1", self.project, *parts])

    async def call(self, method: str, path: str, body: Any = None, query: Any = None, **extra: str) -> httpx.Response:
        """One signed call, at most three per second of the sandbox's time, so that limits stay out of the way."""
        self.clock.advance(0.34)
        return await self.call_now(method, path, body, query, **extra)

    async def call_now(
        self, method: str, path: str, body: Any = None, query: Any = None, **extra: str
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        return await self.send_now(method, path, content, query, **extra)

    async def send_now(self, method: str, path: str, content: bytes, query: Any = None, **extra: str) -> httpx.Response:
        url = self.server.url + path + ("?" + urlencode(query) if query else "")
        headers = {
            "content-type": "application/json",
            "host": urlsplit(url).netloc,
            "x-sdk-date": self.clock.now().strftime("%Y%m%dT%H%M%SZ"),
            **extra,
        }
        own = self.world.credentials
        headers["authorization"] = sign(method, url, dict(headers), content, own.ak, own.sk)
        encoded = {name: value.encode() for name, value in headers.items()}
        answer = await self.http.request(method, url, content=content, headers=encoded)
        if self.is_checking:
            check_answer(answer)
        return answer

    async def make_room(self, texts: list[str] | None = None, **fields: Any) -> str:
        shots = [
            {"sequence_no": number, "title": f"Paragraph {number}", "text_config": {"text": text}}
            for number, text in enumerate(texts or [SCRIPT], 1)
        ]
        number = len(self.face.model.rooms) + 1
        body = {
            "room_name": f"Room {number}",
            "scene_scripts": [{"script_name": "Product 1", "model_asset_id": "m1", "shoot_scripts": shots}],
            **fields,
        }
        answer = await self.call("POST", self.path("smart-live-rooms"), body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["room_id"])

    async def start(self, room_id: str, **fields: Any) -> dict[str, Any]:
        answer = await self.call("POST", self.path("smart-live-rooms", room_id, "smart-live-jobs"), fields)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def on_air(self, texts: list[str] | None = None, **fields: Any) -> Job:
        """A job that has just begun to speak."""
        room_id = await self.make_room(texts, **fields)
        started = await self.start(room_id)
        self.play(3.0)
        return self.face.model.jobs[started["job_id"]]

    def job_path(self, job: Job, *parts: str) -> str:
        return self.path("smart-live-rooms", job.room_id, "smart-live-jobs", job.job_id, *parts)

    async def command(self, job: Job, command: str, params: Any = None) -> httpx.Response:
        body = {"command": command, **({} if params is None else {"params": params})}
        return await self.call("POST", self.job_path(job, "command"), body)

    async def say(self, job: Job, text: str, play_type: str) -> str:
        params = {"text_config": {"text": text}, "play_type": play_type}
        answer = await self.command(job, "INSERT_PLAY_SCRIPT", params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["command_id"])

    def play(self, seconds: float) -> None:
        """Let the world go on."""
        self.clock.advance(seconds)
        self.world.advance()

    def heard(self, job: Job) -> list[dict[str, Any]]:
        return list(self.world.record.entries(job.job_id))

    def rtc_url(self, job: Job, **changes: str) -> str:
        info = self.face.gate.keys.rtc_room_info(job)
        user = {name: str(info["users"][0][name]) for name in ("user_id", "signature", "ctime")}
        address = self.server.url.replace("http://", "ws://")
        return f"{address}/sandbox/rtc/{info['room_id']}/command?{urlencode({**user, **changes})}"

    async def join(self, job: Job) -> ClientConnection:
        return await connect(self.rtc_url(job))


SCRIPT = "Hello everyone. This is the first product. It is on sale today."


class Console:
    """Receives callbacks on a real socket."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status = 200
        self.url = ""

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callbacks/abc?x=1"
        return server

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.partition(":")[::2] for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.got.append((head[0].split(" ")[1], headers, json.loads(body)))
                writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(body["message"]) for _, _, body in self.got if body["event_type"] == kind]


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    clock = ManualClock()
    server = SandboxServer(SandboxConfig(port=0, seed=7, ticks=False), clock)
    async with server, httpx.AsyncClient(trust_env=False) as http:
        yield Vendor(server, clock, http)


@pytest.fixture
async def console() -> AsyncIterator[Console]:
    receiver = Console()
    server = await receiver.serve()
    yield receiver
    server.close()


class Files:
    """Serves bytes by path on a real socket."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.url = ""

    async def __aenter__(self) -> Files:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = self.content.get(head.split(b" ")[1].decode())
        status = b"404 Not Found" if body is None else b"200 OK"
        length = str(len(body or b"")).encode()
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\nConnection: close\r\n\r\n")
        writer.write(body or b"")
        await writer.drain()
        writer.close()
