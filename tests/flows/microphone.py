"""A page with a microphone, without the browser: it arms, presses, sends 40 ms frames of a tone, and lets go."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from array import array
from collections.abc import AsyncIterator
from typing import Any

from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.takeover.services import arming
from tests.flows.stage import Stage

FRAME_S = 0.04
FRAME = array("h", [int(12_000 * math.sin(2 * math.pi * 440 * at / 16_000)) for at in range(640)]).tobytes()
SILENCE = bytes(1280)


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="dashboard.accounts.backends.EmailBackend")
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


class Microphone:
    def __init__(self, socket: ClientConnection, stage: Stage, job: Job) -> None:
        self.socket = socket
        self.stage = stage
        self.job = job
        self.heard: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self._alive = asyncio.create_task(self._say_alive())
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in self.socket:
                self.heard.append(json.loads(frame))
        self.close_code = self.socket.close_code

    async def _say_alive(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.socket.send('{"op": "alive"}')
                await asyncio.sleep(0.3)

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def press(self, key: str, *, confirmed: bool = False) -> None:
        await self.send(op="open", key=key, confirmed=confirmed)

    async def talk(self, seconds: float, frame: bytes = FRAME) -> int:
        """Sound in real time; how many bytes."""
        loop, sent = asyncio.get_running_loop(), 0
        began = loop.time()
        for number in range(round(seconds / FRAME_S)):
            await self.socket.send(frame)
            sent += len(frame)
            await asyncio.sleep(max(0.0, began + (number + 1) * FRAME_S - loop.time()))
        return sent

    async def release(self) -> None:
        await self.send(op="close", why="released")

    async def until(self, what: str, within: float = 10.0, **fields: Any) -> dict[str, Any]:
        """The first frame of that kind that comes from now on or came already; it is taken off."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            for frame in self.heard:
                if frame["t"] == what and all(frame.get(name) == value for name, value in fields.items()):
                    self.heard.remove(frame)
                    return frame
            assert asyncio.get_running_loop().time() < deadline, f"no {what} {fields} within {within} s: {self.heard}"
            await asyncio.sleep(0.01)

    def freeze(self) -> None:
        """The page hangs: its socket stays, and nothing comes any more."""
        self._alive.cancel()

    async def close(self) -> None:
        self._alive.cancel()
        await self.socket.close()
        await self._reader


@contextlib.asynccontextmanager
async def armed(
    stage: Stage, job: Job, user: User | None = None, actor: Actor | None = None
) -> AsyncIterator[Microphone]:
    who = user or stage.user
    token = await in_thread(arming.arm, job=job, user=who, actor=actor or stage.actor)
    async with at_the_door(stage, job, who, token) as microphone:
        await microphone.until("armed")
        yield microphone


@contextlib.asynccontextmanager
async def at_the_door(stage: Stage, job: Job, user: User, token: str) -> AsyncIterator[Microphone]:
    address = stage.url.replace("http", "ws") + f"/ws/talk/{job.pk}"
    headers = {"Cookie": await in_thread(cookie_of, user)}
    async with connect(address, additional_headers=headers, origin=stage.url, proxy=None) as socket:  # type: ignore[arg-type]
        microphone = Microphone(socket, stage, job)
        await microphone.send(op="hello", ticket=token)
        try:
            yield microphone
        finally:
            await microphone.close()


async def sound(stage: Stage, job: Job) -> list[dict[str, Any]]:
    """What the sandbox got of each microphone of the job: its own record is the judge."""
    rows: list[dict[str, Any]] = (await stage.control.get("/sandbox/sound", params={"session": job.vendor_ref})).json()[
        "sound"
    ]
    return rows
