"""A whole Talkback in this process: sandbox, console and relay over real sockets, one database file.

Nothing here waits for luck: `until` watches for a fact with a deadline and fails with what it saw instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

import dashboard.asgi  # noqa: F401  sets up logging once more; at the first server it would take a test's handler
from dashboard.accounts import services as accounts
from dashboard.accounts.models import Team, User
from dashboard.audit.trail import CONSOLE, Actor
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.jobs.services.start import start_job
from dashboard.jobs.services.stop import stop_job
from dashboard.lib.threads import in_thread
from dashboard.live.demo import content
from dashboard.live.demo.team import account_drafts
from dashboard.live.intake.writer import writer
from dashboard.live.management import serving
from dashboard.live.relay.sessions import account_callback_url
from dashboard.live.relay.supervisor import Relay
from dashboard.rooms.models import Room, RoomDraft, RuleSet
from dashboard.rooms.services.edit import create_room
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish
from dashboard.vendors import services as vendor_services
from dashboard.vendors.models import Command, VendorAccount, VendorKind
from tests.cast import undo_window

PATIENCE_S = 15.0
PARAGRAPHS = (
    "欢迎来到直播间，今天给大家介绍一款新茶。",
    "这一批是明前采的，香气很足，喜欢的朋友可以先收藏。",
)


class Stage:
    def __init__(self, sandbox: SandboxServer, control: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.control = control
        self.relays: list[tuple[Relay, asyncio.Task[None]]] = []
        self.team: Team
        self.user: User
        self.actor: Actor
        self.accounts: dict[str, VendorAccount] = {}
        self.url = ""
        self._credentials: dict[str, str] = {}

    # ------------------------------------------------------------------------------------------------------- set-up

    async def prepare(self, *, command_channel: bool = True) -> None:
        self._credentials = dict((await self.control.get("/sandbox/credentials")).json())
        await in_thread(self._make_team, command_channel)
        account = self.accounts[VendorKind.SOFTSUGAR]
        body = {"vendor": "softsugar", "url": account_callback_url(account), "auth_key": account.callback_key}
        (await self.control.put("/sandbox/callbacks", json=body)).raise_for_status()

    def _make_team(self, command_channel: bool) -> None:
        self.team = accounts.create_team(slug="alpha", name="Alpha")
        undo_window(self.team, 0)
        member = accounts.add_member(
            team=self.team,
            email="oki@alpha.test",
            name="Oki",
            role="admin",
            password="a-long-enough-one",
            actor=CONSOLE,
        )
        self.user = member.user
        self.actor = Actor(id=self.user.pk, label="Oki", role="admin")
        for draft in account_drafts(self.sandbox.url, self._credentials):
            capabilities = {**draft.capabilities}
            if draft.vendor == VendorKind.METASTUDIO:
                capabilities["command_channel"] = command_channel
            fitted = vendor_services.AccountDraft(
                vendor=draft.vendor,
                name=draft.name,
                base_url=draft.base_url,
                region=draft.region,
                project_ref=draft.project_ref,
                secrets=draft.secrets,
                capabilities=capabilities,
            )
            self.accounts[draft.vendor] = vendor_services.create_account(
                team=self.team, draft=fitted, actor=CONSOLE, is_sandbox=True
            )

    async def start_relay(self) -> Relay:
        relay = Relay()
        self.relays.append((relay, asyncio.create_task(relay.run(), name="relay")))
        return relay

    async def stop_relays(self) -> None:
        for relay, task in self.relays:
            relay.stop()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await asyncio.wait_for(task, 10)
        self.relays.clear()

    # ------------------------------------------------------------------------------------------------------ the actors

    async def room(
        self, vendor: str, paragraphs: tuple[str, ...] | None = None, rules: RuleSet | None = None, **config: object
    ) -> Room:
        base = content.SOFTSUGAR_CONFIG if vendor == VendorKind.SOFTSUGAR else content.METASTUDIO_CONFIG
        draft = RoomDraft(
            account=self.accounts[vendor],
            code="",
            name=f"Room {uuid.uuid4().hex[:6]}",
            language="zh-hans",
            time_zone="Asia/Shanghai",
            paragraphs=paragraphs or PARAGRAPHS,
            config={**base, **config},
            output_url="rtmp://push.talkback.test/live/x",
            rule_set=rules,
        )
        room = await in_thread(create_room, draft=draft, user=self.user, actor=self.actor)
        if vendor == VendorKind.METASTUDIO and self.relays:
            await self.until(lambda: Room.objects.get(pk=room.pk).vendor_ref, "the vendor holds the room")
        return await in_thread(lambda: Room.objects.select_related("account").get(pk=room.pk))

    async def start(self, room: Room, key: str = "") -> Job:
        job: Job = await in_thread(start_job, room=room, user=self.user, actor=self.actor, key=key or uuid.uuid4().hex)
        return job

    async def on_air(self, vendor: str, room: Room | None = None, **config: Any) -> Job:
        job = await self.start(room or await self.room(vendor, **config))
        await self.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the job is live")
        if vendor == VendorKind.SOFTSUGAR or self.accounts[vendor].capabilities.get("command_channel"):
            await self.until(lambda: Job.objects.get(pk=job.pk).link == "up", "the link is up")
        return await self.fresh(job)

    async def say(self, job: Job, text: str, mode: Mode = Mode.APPEND, key: str = "") -> Takeover:
        item: Takeover = await in_thread(
            ask.request_takeover,
            job=job,
            user=self.user,
            actor=self.actor,
            wish=Wish(text, mode),
            key=key or uuid.uuid4().hex,
            ends_silence=True,
        )
        return item

    async def stop(self, job: Job) -> None:
        await in_thread(stop_job, job=job, user=self.user, actor=self.actor, reason="test")

    # ------------------------------------------------------------------------------------------------------- the judge

    async def fresh(self, row: Any) -> Any:
        rows = type(row).objects.select_related("room", "account") if isinstance(row, Job) else type(row).objects
        return await in_thread(lambda: rows.get(pk=row.pk))

    async def until(self, seen: Callable[[], Any], what: str, within: float = PATIENCE_S) -> Any:
        """What `seen` (run in a database thread) returns as soon as it is true."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            value = await in_thread(seen)
            if value:
                return value
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"not within {within} s: {what}\n{await in_thread(self._report)}")
            await asyncio.sleep(0.02)

    async def until_async(self, seen: Callable[[], Awaitable[bool]], what: str, within: float = PATIENCE_S) -> None:
        deadline = asyncio.get_running_loop().time() + within
        while not await seen():
            assert asyncio.get_running_loop().time() < deadline, f"not within {within} s: {what}"
            await asyncio.sleep(0.05)

    async def until_item(self, item: Takeover, *states: str, within: float = PATIENCE_S) -> Takeover:
        def reached() -> Takeover | None:
            row = Takeover.objects.get(pk=item.pk)
            return row if row.state in states else None

        found: Takeover = await self.until(reached, f"item {item.pk} is {' or '.join(states)}", within)
        return found

    def _report(self) -> str:
        jobs = [(job.pk, job.state, job.link, job.error) for job in Job.objects.all()]
        told = list(
            Event.objects.filter(kind="job.link").order_by("id").values_list("job_id", "data__link", "data__why")
        )
        items = list(Takeover.objects.values_list("id", "source", "state", "unknown_reason", "text"))
        commands = list(Command.objects.order_by("-id").values_list("kind", "state", "wait_reason", "error")[:8])
        events = list(Event.objects.order_by("-id").values_list("kind", "outcome", "data")[:12])
        return f"jobs: {jobs}\nlinks: {told}\nitems: {items}\ncommands: {commands}\nevents: {events}"

    async def audible(self, text: str) -> list[dict[str, Any]]:
        """How often the sandbox made `text` audible: its own record is the judge."""
        rows = (await self.control.get("/sandbox/audible")).json()["heard"]
        return [row for row in rows if text in row["text"]]

    async def fault(self, kind: str, **fields: Any) -> str:
        answer = await self.control.post("/sandbox/faults", json={"kind": kind, **fields})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def clear_faults(self) -> None:
        (await self.control.delete("/sandbox/faults")).raise_for_status()


@contextlib.asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    speed: float = 8.0,
    command_channel: bool = True,
    relay: bool = True,
    seed: int = 7,
    voices_differ: bool = False,
) -> AsyncIterator[Stage]:
    serving.take_short_turns()
    server = serving.Server(serving.config("127.0.0.1", 0))
    console = asyncio.create_task(server.serve(), name="console")
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event for it
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    settings.PUBLIC_URL, settings.LOCAL_HOSTS = f"http://127.0.0.1:{port}", ["127.0.0.1"]
    config = SandboxConfig(port=0, folder=folder, ticks=True, seed=seed, voices_differ=voices_differ)
    async with SandboxServer(config) as sandbox, httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as control:
        await control.put("/sandbox/clock", json={"speed": speed})
        stage = Stage(sandbox, control)
        stage.url = settings.PUBLIC_URL
        try:
            await stage.prepare(command_channel=command_channel)
            if relay:
                await stage.start_relay()
            yield stage
        finally:
            await stage.stop_relays()
            server.should_exit = True
            await asyncio.wait([console], timeout=5)
            await in_thread(writer.stop)
