"""One run's Talkback and its vendors: console, relays and sandbox as processes of one virtual loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import OperationalError

from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events import notices
from dashboard.events.record import record_many
from dashboard.lib import clock
from dashboard.lib.errors import Refusal
from dashboard.lib.threads import in_thread
from dashboard.live.intake import callbacks
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.writer import GroupWriter
from dashboard.live.relay import keepers, leases, rounds
from dashboard.live.relay.supervisor import Relay
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from dashboard.vendors.limits import SharedLimiter
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.models import VendorKind
from dashboard.vendors.registry import credential_of
from dashboard.vendors.softsugar.gateway import SoftSugarGateway
from tests.props.loop import PROCESS, Process, SimClock, VirtualLoop, stops_before_transactions
from tests.props.wire import Net, SandboxTransport

SANDBOX = SandboxConfig(port=8900, ticks=False, seed=7)
_take_work = leases.take_work
LONGEST_TICK_S = 0.25


class Stage:
    """What a course acts on. `notes` is what it prints: one line per thing that happened, with its second."""

    def __init__(self, loop: VirtualLoop, start_s: float, config: SandboxConfig) -> None:
        self.loop = loop
        self.clock = SimClock(loop, start_s)
        self.sandbox_process, self.console = Process("sandbox"), Process("console")
        self.sandbox = SandboxServer(config, SimClock(loop, start_s))
        self.world = self.sandbox.world
        self.net = Net(loop, self.sandbox.app, self.sandbox_process)
        self.world.callbacks._post = self._callback
        self.relays: list[tuple[Relay, Process, asyncio.Task[None]]] = []
        self.notes: list[tuple[float, str]] = []
        self.troubles: list[str] = []
        self.taken_over: list[tuple[int, int, datetime]] = []
        """Which job was taken under which epoch, and when."""
        self.jobs: tuple[int, ...] = ()
        self.people: list[tuple[User, Actor]] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    def note(self, text: str) -> None:
        self.notes.append((self.loop.time(), text))

    def spawn(self, work: Any, process: Process) -> asyncio.Task[Any]:
        context = copy_context()
        context.run(PROCESS.set, process)
        task = self.loop.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ------------------------------------------------------------------------------------------------------ the vendors

    async def play(self) -> None:
        """The world's own ticks: when something is due, and at least four times a second."""
        world = self.world
        while True:
            world.advance()
            now = world.clock.now()
            dues = [face.model._agenda.next_due() for face in world.faces]  # type: ignore[attr-defined]
            wait = min([due - now for due in dues if due is not None], default=LONGEST_TICK_S)
            await asyncio.sleep(min(LONGEST_TICK_S, max(0.02, wait)))

    async def _callback(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """A vendor's POST to the console, by a wire that takes its time."""
        await asyncio.sleep(self.net.delay())
        parts = urlsplit(url)
        slug, query = parts.path.rpartition("/")[2], parse_qsl(parts.query, keep_blank_values=True)
        take = callbacks.of_account if "/accounts/" in parts.path else callbacks.of_job
        lowered = {name.lower(): value for name, value in headers.items()}
        token = PROCESS.set(self.console)
        try:
            answer = await in_thread(take, slug, query, lowered, body)
        except OperationalError:
            return 503
        finally:
            PROCESS.reset(token)
        await asyncio.sleep(self.net.delay())
        return answer.status

    # ------------------------------------------------------------------------------------------------------- the relays

    def start_relay(self) -> Process:
        process = Process(f"r{len(self.relays) + 1}")
        relay = Relay(process.name)
        self.relays.append((relay, process, self.spawn(relay.run(), process)))
        self.note(f"relay {process.name} starts")
        return process

    def living(self) -> list[tuple[Relay, Process, asyncio.Task[None]]]:
        return [one for one in self.relays if not one[1].is_dead and not one[2].done()]

    def kill(self, process: Process, why: str = "") -> None:
        """As kill -9: nothing of it happens any more, and its sockets are closed for it."""
        if process.is_dead:
            return
        self.note(f"relay {process.name} dies{why}")
        process.is_dead = True
        process.go_on()
        self.net.drop_lines_of(process)
        for _, one, task in self.relays:
            if one is process:
                self.loop.call_soon(task.cancel)

    # ------------------------------------------------------------------------------------------------------- the people

    def press(self, who: int, what: str, work: Callable[..., Any], **arguments: Any) -> asyncio.Task[Any]:
        """Somebody does something in the console; a refusal is an answer too."""
        user, actor = self.people[who % len(self.people)]
        return self.spawn(self._pressed(what, work, {"user": user, "actor": actor, **arguments}), self.console)

    async def _pressed(self, what: str, work: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        try:
            return await in_thread(work, **arguments)
        except Refusal as refusal:
            self.note(f"  refused: {what}: {refusal.message}")
            return None

    async def close(self) -> None:
        for _, process, task in self.relays:
            process.is_dead = True
            task.cancel()
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, *(task for *_, task in self.relays), return_exceptions=True)
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


# -------------------------------------------------------------------------------------------------- in place of threads


class Writer:
    """The group writer of each process without its thread: what waits goes into one transaction."""

    def __init__(self) -> None:
        self._waiting: dict[Process, list[tuple[list[Any], asyncio.Future[Any]]]] = {}

    def submit(self, facts: Any) -> Future[Any]:
        """From a database thread, which waits for it."""
        future: Future[Any] = Future()
        try:
            future.set_result(record_many(list(facts), PROJECTIONS))
        except Exception as error:  # noqa: BLE001  handed to whoever waits, as the writer does
            future.set_exception(error)
        return future

    async def record(self, facts: Any) -> Any:
        process = PROCESS.get()
        await process.gate()
        future = asyncio.get_running_loop().create_future()
        first = process not in self._waiting
        self._waiting.setdefault(process, []).append((list(facts), future))
        if first:
            asyncio.get_running_loop().create_task(self._commit(process))
        return await asyncio.shield(future)

    async def _commit(self, process: Process) -> None:
        while batch := self._waiting.get(process):
            self._waiting[process] = []
            try:
                await in_thread(record_many, [fact for facts, _ in batch for fact in facts], PROJECTIONS)
            except Exception as error:  # noqa: BLE001
                for _, future in batch:
                    future.done() or future.set_exception(error)
                continue
            for _, future in batch:
                future.done() or future.set_result(None)
        self._waiting.pop(process, None)


class _Troubles(logging.Handler):
    """What the product itself calls an error: no course may cause one."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(logging.ERROR)
        self._stage = stage

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            if isinstance(record.exc_info[1], asyncio.CancelledError):
                return
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1]))[-1800:]
        self._stage.note(f"  ERROR {text.splitlines()[0]}")
        self._stage.troubles.append(text)


@contextlib.contextmanager
def staged(rng: Random, start_s: float, config: SandboxConfig = SANDBOX) -> Iterator[Stage]:
    """A stage on a loop of its own, with everything of the product that would leave it led back in."""
    loop = VirtualLoop(rng)
    asyncio.set_event_loop(loop)
    stage = Stage(loop, start_s, config)
    before_clock = clock.install(stage.clock)
    writer = Writer()
    ids = Random(rng.random())
    trouble = _Troubles(stage)
    kept = {
        (uuid, "uuid4"): lambda: uuid.UUID(int=ids.getrandbits(128), version=4),
        (keepers, "make_gateway"): lambda account, timer: _gateway(stage.net, account, timer),
        (leases, "take_work"): lambda *given: _watched(stage, *given),
        (rounds, "report"): _nothing,
        (rounds, "rehearse"): _nothing,
        (GroupWriter, "submit"): lambda _, facts: writer.submit(facts),
        (GroupWriter, "record"): lambda _, facts: writer.record(facts),
        (GroupWriter, "stop"): lambda _: None,
    }
    before = {key: getattr(*key) for key in kept}
    for (owner, name), value in kept.items():
        setattr(owner, name, value)
    logging.getLogger().addHandler(trouble)
    try:
        with stops_before_transactions():
            yield stage
    finally:
        logging.getLogger().removeHandler(trouble)
        for (owner, name), value in before.items():
            setattr(owner, name, value)
        clock.install(before_clock)
        notices._here, notices._elsewhere = notices._Listeners(), notices._Listeners()
        asyncio.set_event_loop(None)
        loop.close()


def _watched(stage: Stage, *given: Any) -> Any:
    holdings = _take_work(*given)
    now = stage.clock.now()
    stage.taken_over += [(job_id, holdings.jobs[job_id], now) for job_id in holdings.taken_jobs]
    return holdings


async def _nothing(*_: Any) -> None:
    return


def _gateway(net: Net, account: Any, timer: Any) -> Any:
    """As the registry makes it, but for the wire."""
    make = SoftSugarGateway if account.vendor == VendorKind.SOFTSUGAR else MetaStudioGateway
    return make(
        credential_of(account),
        limiter=SharedLimiter(account, timer),
        clock=timer,
        transport=SandboxTransport(net),
        connect=net.connect,
    )


def world_now(stage: Stage) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(stage.world.snapshot()))
    return told
