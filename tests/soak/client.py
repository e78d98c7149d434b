"""The scripted client: carries each order out over HTTP and sockets, at its time and not a moment later.

The clock stands while an order is under way, so what the sandbox hears when is known exactly.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import httpx
import websockets

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.http import Socket
from dashboard.sandbox.server import SandboxServer
from tests.sandbox.metastudio.conftest import Vendor
from tests.soak.course import PCM_CHUNK, Plan
from tests.soak.oracle import Order

API = "/api/2dvh/v1/material/live/channel"
SCRIPT = {"live_type": "SuperLiveRoomPro", "sceneList": [{"digital_role": {"file_id": "role-1"}}]}
AUDIO = "https://files.example/{:.2f}.mp3"


class Diary:
    """What the client must know at the end; in a file, so that an hour of it costs no memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  open as long as we are

    def write(self, row: Any) -> None:
        self._file.write(json.dumps(row) + "\n")

    def read(self) -> list[Any]:
        self._file.seek(0)
        return [json.loads(line) for line in self._file]


class Line:
    """A socket whose frames are read at once."""

    def __init__(self, link: websockets.ClientConnection, socket: Socket) -> None:
        self.link, self.socket = link, socket
        self.told = Diary()
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            await self._read_all()

    async def _read_all(self) -> None:
        async for text in self.link:
            frame = json.loads(text)
            ref = frame.get("data", {}).get("commandTraceId") if isinstance(frame.get("data"), dict) else None
            if ref is not None and frame["code"] in (20, 19, 18):
                self.told.write([ref, frame["code"]])

    def notices(self) -> dict[str, list[int]]:
        """The codes that each takeover was told, in order."""
        notices: dict[str, list[int]] = defaultdict(list)
        for ref, code in self.told.read():
            notices[ref].append(code)
        return dict(notices)

    async def send(self, frame: dict[str, Any] | bytes) -> None:
        """Until the sandbox has dealt with it."""
        taken = self.socket.taken
        await self.link.send(frame if isinstance(frame, bytes) else json.dumps(frame))
        async with asyncio.timeout(5):
            while self.socket.taken == taken:  # noqa: ASYNC110  the clock stands, so nothing else wakes us
                await asyncio.sleep(0)


class Client:
    def __init__(self, server: SandboxServer, clock: ManualClock, http: httpx.AsyncClient) -> None:
        self.server, self.clock, self.http = server, clock, http
        self.vendor = Vendor(server, clock, http)
        self.lines: dict[str, Line] = {}
        self.sessions: dict[str, str] = {}
        self.live_at: dict[str, float] = {}
        self.ids = Diary()
        """What the vendor calls a request of ours."""
        self.refused: dict[str, list[int]] = defaultdict(list)

    def go_to(self, world: float, speed: float) -> None:
        self.clock.advance((world - self.server.world.clock.now()) / speed)
        self.server.world.advance()

    async def close(self) -> None:
        for line in self.lines.values():
            await line.link.close()
            await line.reader

    async def _line(self, name: str, url: str) -> Line:
        known = set(self.server.sockets)
        link = await websockets.connect(url, ping_interval=None)
        (socket,) = set(self.server.sockets) - known
        self.lines[name] = Line(link, socket)
        return self.lines[name]

    # -- SoftSugar ---------------------------------------------------------------------------------------------------

    async def sugar(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": self.server.world.credentials.softsugar_token}
        answer = await self.http.post(self.server.url + path, json=body, headers=headers)
        value = answer.json()
        if value["code"] != 0:
            raise RuntimeError(answer.text)
        return value.get("data")

    async def create(self, plan: Plan) -> None:
        name = f"s{plan.number}"
        made = await self.sugar(API.replace("v1", "v2") + "/create", {"param": json.dumps(SCRIPT)})
        self.sessions[name] = made["sessionId"]
        query = f"clientType=BROWSER&sessionId={made['sessionId']}&Authorization={made['sessionToken']}"
        address = f"/api/live-takeover-cc/v1/material/live/channel/command/microphone?{query}"
        await self._line(name, self.server.url.replace("http", "ws") + address)

    async def go_live(self, plan: Plan) -> None:
        name = f"s{plan.number}"
        await self.sugar(f"{API}/start", {"sessionId": self.sessions[name]})
        self.live_at[name] = self.server.world.clock.now()

    async def beat(self, names: Iterable[str]) -> None:
        for name in names:
            await self.sugar(f"{API}/heartbeat", {"sessionId": self.sessions[name]})

    async def do_softsugar(self, plan: Plan, order: Order) -> None:
        name = f"s{plan.number}"
        line, who = self.lines[name], {"sessionId": self.sessions[name]}
        if order.do == "say":
            query = {"content": order.text, "ssml": False}
            frame = {"code": 10, "message": "say", "commandTraceId": order.ref, "tts_query": query}
            await line.send({**frame, "priority": order.priority})
        elif order.do == "open":
            await line.send({"code": 0, "message": "begin", "commandTraceId": order.ref})
        elif order.do == "sound":
            await line.send(b"\0" * PCM_CHUNK)
        elif order.do == "close":
            await line.send({"code": 99, "message": "eof", "commandTraceId": order.ref})
        elif order.do == "reorder":
            body = {**who, "commandTraceId": order.ref, "priority": order.priority}
            await self.sugar(f"{API}/command/queue/reorder", body)
        else:
            refs = ";".join(order.refs) if order.do == "cancel" else "-1"
            await self.sugar(f"{API}/command/cancel", {**who, "commandTraceId": refs})

    # -- MetaStudio --------------------------------------------------------------------------------------------------

    async def start(self, plan: Plan) -> None:
        name = f"m{plan.number}"
        room = {
            "room_name": f"Room {plan.number}",
            "scene_scripts": scenes(plan.texts, plan.speed),
            "play_policy": {"repeat_count": plan.repeat},
            "rtc_callback_config": {"rtc_callback_event_type": ["REPLY_COMMAND_FINISH"]},
        }
        made = await self.vendor.call_now("POST", self.vendor.path("smart-live-rooms"), room)
        path = self.vendor.path("smart-live-rooms", made.json()["room_id"], "smart-live-jobs")
        started = await self.vendor.call_now("POST", path, {})
        self.sessions[name] = started.json()["job_id"]
        await self._line(name, self.vendor.rtc_url(self.vendor.face.model.jobs[self.sessions[name]]))

    async def do_metastudio(self, plan: Plan, order: Order, number: int) -> None:
        name = f"m{plan.number}"
        if order.do in ("say", "audio", "rewrite", "stop"):
            answer = await self._ask(name, plan, order)
            if answer.status_code >= 300:
                if b"MSS.2001" not in answer.content:
                    raise RuntimeError(answer.text)
                self.refused[name].append(number)
            elif order.ref:
                self.ids.write([answer.json()["command_id"], order.ref])
            return
        if self.vendor.face.model.jobs[self.sessions[name]].state != "PROCESSING":
            self.refused[name].append(number)
            return
        command = {"pause": "play_pause", "resume": "play_resume", "open": "voice_start", "close": "voice_end"}[
            order.do
        ]
        timing = "SENTENCE_END" if order.at_sentence_end else "NOW"
        await self.lines[name].send({"message_type": "live_control", "command": command, "params": {"timing": timing}})

    async def _ask(self, name: str, plan: Plan, order: Order) -> httpx.Response:
        job = self.vendor.face.model.jobs[self.sessions[name]]
        if order.do == "stop":
            return await self.vendor.call_now("POST", self.vendor.job_path(job, "stop"))
        params: dict[str, Any]
        if order.do == "rewrite":
            command, params = "REWRITE_PLAY_SCRIPT", {"scene_scripts": scenes(order.texts, plan.speed)}
        elif order.do == "say":
            command, params = "INSERT_PLAY_SCRIPT", {"text_config": {"text": order.text}}
        else:
            command, params = "INSERT_PLAY_AUDIO", {"audio_url": AUDIO.format(order.seconds)}
        if order.play_type:
            params["play_type"] = order.play_type
        path = self.vendor.job_path(job, "command")
        return await self.vendor.call_now("POST", path, {"command": command, "params": params})


def scenes(texts: tuple[str, ...], speed: int) -> list[dict[str, Any]]:
    shots = [{"sequence_no": number, "text_config": {"text": text}} for number, text in enumerate(texts, 1)]
    voice = {"voice_asset_id": "v1", "speed": speed}
    return [{"script_name": "S", "model_asset_id": "m1", "voice_config": voice, "shoot_scripts": shots}]
