"""One sandbox per module, on a real socket. Its clock stands unless a test moves it: nothing changes by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest_asyncio

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.breaks import Bodies
from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

BODIES = Bodies(BOOK)


class Desk(Vendor):
    """The sandbox with a room that is never on air, one that is, a rule library, and what calls address."""

    room_id = ""
    live_id = ""
    job_id = ""
    group_id = ""
    names = 0

    async def prepare(self) -> None:
        self.room_id = await self.make_room([SCRIPT], room_description="Idle")
        job = await self.on_air([SCRIPT] * 3, play_policy={"repeat_count": -1})
        self.live_id, self.job_id = job.room_id, job.job_id
        answer = await self.call("POST", self.path("smart-live-interaction-rule-groups"), {"group_name": "Library"})
        self.group_id = answer.json()["group_id"]

    def url_of(self, endpoint_id: str, **changes: str) -> str:
        """The path of a documented call; calls on jobs address the live room, others the idle one."""
        endpoint = BOOK.endpoint(endpoint_id)
        is_of_jobs = "{job_id}" in endpoint.path
        values = {
            "project_id": self.project,
            "room_id": self.live_id if is_of_jobs else self.room_id,
            "job_id": self.job_id,
            "group_id": self.group_id,
            **changes,
        }
        return endpoint.path.format(**values)

    def fresh(self) -> str:
        """A room name that was not used yet."""
        self.names += 1
        return f"Fresh {self.names}"

    def calm(self) -> None:
        """Take back what a test turned."""
        self.world.faults.clear()
        self.face.switches.configure({"live_quota": 2000, "live_package_s": -1, "insert_commands": False})
        self.face.gate.reset()

    async def ask(self, endpoint_id: str, body: Any = None, query: Any = None, **headers: str) -> httpx.Response:
        """A documented call at this very moment."""
        return await self.go(BOOK.endpoint(endpoint_id).method, self.url_of(endpoint_id), body, query, **headers)

    async def go(self, method: str, path: str, body: Any = None, query: Any = None, **headers: str) -> httpx.Response:
        """Any call; limits are the subject of their own test."""
        self.face.gate.reset()
        return await self.call_now(method, path, body, query, **headers)

    async def send(self, endpoint_id: str, content: bytes) -> httpx.Response:
        """The same with a body as bytes."""
        self.face.gate.reset()
        return await self.send_now(BOOK.endpoint(endpoint_id).method, self.url_of(endpoint_id), content)

    def clear_queue(self) -> None:
        """Drop what was inserted into the live job and not yet heard."""
        self.face.model.jobs[self.job_id].player.queue.clear()


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    # Real time, since the vendor's SDK stamps its requests with the machine's clock.
    clock = ManualClock(datetime.now(UTC))
    server = SandboxServer(SandboxConfig(port=0, seed=7, ticks=False), clock)
    async with server, httpx.AsyncClient(trust_env=False) as http:
        desk = Desk(server, clock, http)
        await desk.prepare()
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as desk:
        yield desk


@pytest_asyncio.fixture
async def fresh_desk() -> AsyncIterator[Desk]:
    """For tests that use things up."""
    async with open_desk() as desk:
        yield desk
