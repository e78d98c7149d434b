"""The way of one page's sound to its relay: within this process, or over the relay's own listener."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Protocol

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from dashboard.jobs.models import Job
from dashboard.lib import shapes
from dashboard.lib.threads import in_thread
from dashboard.live.relay.job_keeper import JobKeeper
from dashboard.live.relay.keepers import HERE
from dashboard.live.relay.talk import Talk
from dashboard.live.relay.told import Tell, Told, not_known
from dashboard.live.talk import passes
from dashboard.vendors.models import Relay

logger = logging.getLogger(__name__)

OPENS_WITHIN_S = 2.0


def _tell_lost(tell: Tell, trace_id: str) -> None:
    """The relay is gone, and with it whoever would have told how it ended."""
    tell(Told("ended", why="relay", trace_id=trace_id))
    tell(msgspec.structs.replace(not_known("relay"), trace_id=trace_id))


class Line(Protocol):
    """One press after the other goes over it. What happens comes back by the `tell` that it was opened with."""

    @property
    def is_open(self) -> bool: ...

    async def begin(self, trace_id: str) -> None: ...

    async def sound(self, frame: bytes) -> None: ...

    async def end(self, why: str) -> None: ...

    async def close(self) -> None: ...


class LocalLine:
    """The relay is in this process: no byte of sound leaves it but to the vendor."""

    def __init__(self, keeper: JobKeeper, tell: Tell) -> None:
        self._keeper = keeper
        self._tell = tell
        self._talk: Talk | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        return self._present() is not None

    def _present(self) -> JobKeeper | None:
        """Whoever keeps the job here now: another lease or credential makes another keeper, with another link."""
        here = HERE.get(self._keeper.keeper.relay)
        return here.job(self._keeper.job_id) if here is not None and here.alive() else None

    async def begin(self, trace_id: str) -> None:
        of = self._keeper = self._present() or self._keeper
        self._talk = Talk(of.job_id, trace_id, of.keeper, of.gateway, of.link, self._tell)
        task = asyncio.create_task(self._run(self._talk), name=f"talk:{trace_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, talk: Talk) -> None:
        try:
            await talk.run()
        except Exception:
            logger.exception("microphone %s ended by a fault", talk.trace_id)
            _tell_lost(self._tell, talk.trace_id)

    async def sound(self, frame: bytes) -> None:
        if self._talk is not None:
            self._talk.feed(frame)

    async def end(self, why: str) -> None:
        if self._talk is not None:
            self._talk.end(why)

    async def close(self) -> None:
        """What was begun is carried to its end without us: the vendor's word on it is still recorded."""
        await self.end("page_gone")


class Begin(msgspec.Struct, tag="begin"):
    trace_id: str


class End(msgspec.Struct, tag="end"):
    why: str


Upward = Begin | End


class RemoteLine:
    """The relay is elsewhere: one WebSocket to its listener."""

    def __init__(self, socket: ClientConnection, tell: Tell) -> None:
        self._socket = socket
        self._tell = tell
        #: Presses whose end was not told yet, in their order.
        self._begun: dict[str, None] = {}
        self._reader = asyncio.create_task(self._read(), name="talk:line")

    @property
    def is_open(self) -> bool:
        return not self._reader.done()

    async def begin(self, trace_id: str) -> None:
        self._begun[trace_id] = None
        await self._send(Begin(trace_id))

    async def sound(self, frame: bytes) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(frame)

    async def end(self, why: str) -> None:
        await self._send(End(why))

    async def _send(self, what: Upward) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(msgspec.json.encode(what).decode())

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                told = shapes.decode(frame, Told)
                if told.what in ("over", "refused"):
                    self._begun.pop(told.trace_id, None)
                self._tell(told)
        except ConnectionClosed:
            pass  # what was begun is told below
        except shapes.UNREADABLE as problem:  # a relay of another version
            logger.warning("a relay tells what this console can't read; its line ends: %s", problem)
            await self._socket.close()
        for trace_id in self._begun:
            _tell_lost(self._tell, trace_id)

    async def close(self) -> None:
        await self.end("page_gone")
        self._begun.clear()
        await self._socket.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


async def open_line(job_id: int, tell: Tell) -> Line | None:
    """A line to whichever relay keeps the job now; None where none does, or it can't be reached."""
    name, address = await in_thread(_owner, job_id)
    if (here := HERE.get(name)) is not None:
        keeper = here.job(job_id)
        return LocalLine(keeper, tell) if keeper is not None else None
    if not address:
        return None
    try:
        socket = await connect(
            f"{address}/talk/{job_id}",
            additional_headers={"Authorization": f"Bearer {passes.issue(name, job_id)}"},
            open_timeout=OPENS_WITHIN_S,
            close_timeout=1,
            ping_interval=None,
            compression=None,
            proxy=None,
            max_size=65_536,
            max_queue=64,
        )
    except (OSError, TimeoutError, WebSocketException) as problem:
        logger.warning("relay %s could not be reached for job %s: %s", name, job_id, type(problem).__name__)
        return None
    return RemoteLine(socket, tell)


def _owner(job_id: int) -> tuple[str, str]:
    owner = Job.objects.values_list("owner", flat=True).get(pk=job_id)
    relay = Relay.objects.filter(name=owner, leaving=False).first()
    return owner, relay.address if relay is not None else ""
