"""Time without waiting: an event loop whose clock jumps to what is due next, and the processes that run in it.

One thread does everything, so a run is decided by its seed alone. What the product hands to a database thread runs in a
greenlet that may be held before each transaction begins, so that two of them meet as they do in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from django.db import connection, transaction
from greenlet import getcurrent, greenlet

EPOCH = datetime(2026, 3, 14, 6, 0, 0, tzinfo=UTC)
#: A run that turns this often stands still in time: somebody spins.
MOST_TURNS = 3_000_000


class Process:
    """What dies, stops and wakes as one: a relay, the console, the sandbox."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_dead = False
        self.stood_s = 0.0
        """For how long its own monotonic clock stood still (a suspended machine's does)."""
        self.fuse: Fuse | None = None
        self._held: list[Callable[[], None]] | None = None

    @property
    def is_held(self) -> bool:
        return self._held is not None

    def hold(self) -> None:
        """Nothing of it moves any more, as after SIGSTOP."""
        if self._held is None:
            self._held = []

    def go_on(self) -> None:
        waiting, self._held = self._held or [], None
        for act in waiting:
            act()

    def when_running(self, act: Callable[[], None]) -> None:
        if self._held is not None:
            self._held.append(act)
        elif not self.is_dead:
            act()

    async def gate(self) -> None:
        """Passes while the process runs; a dead one goes nowhere from here."""
        if self.is_dead:
            raise asyncio.CancelledError
        if self._held is not None:
            free = asyncio.get_running_loop().create_future()
            self._held.append(lambda: free.done() or free.set_result(None))
            await free
            if self.is_dead:
                raise asyncio.CancelledError

    def passes(self, point: str) -> None:
        """The process is at `point` of its work: a fuse may end or hold it right here."""
        if self.fuse is not None and self.fuse.burns_at(point):
            act, self.fuse = self.fuse.act, None
            act()


class Fuse:
    """Acts when its process comes by one of its points for the n-th time; points are matched by their beginning."""

    def __init__(self, point: str, act: Callable[[], None], nth: int = 1) -> None:
        self.point, self.act, self.left = point, act, nth

    def burns_at(self, point: str) -> bool:
        if not point.startswith(self.point):
            return False
        self.left -= 1
        return self.left <= 0


OUTSIDE = Process("outside")
PROCESS: ContextVar[Process] = ContextVar("PROCESS", default=OUTSIDE)


class SimClock:
    """`lib.clock.Clock` on a virtual loop; a process that was suspended has an older monotonic clock than others."""

    def __init__(self, loop: VirtualLoop, start_s: float = 0.0) -> None:
        self._loop, self._start_s = loop, start_s

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._start_s + self._loop.time())

    def monotonic(self) -> float:
        return 1_000.0 + self._start_s + self._loop.time() - PROCESS.get().stood_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Jump(selectors.BaseSelector):
    """Instead of waiting for the operating system, lets the time pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        self._loop.pass_time(timeout)
        return []

    def register(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no real input or output in here")

    unregister = register

    def get_map(self) -> Any:
        return {}


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self, rng: Random) -> None:
        super().__init__()
        self.rng = rng
        self._now = 0.0
        self._turns = 0
        self._selector = _Jump(self)
        self._clock_resolution = 1e-9
        self.busy_until = 0.0
        """Until then the database is slow."""

    def time(self) -> float:
        return self._now

    def pass_time(self, timeout: float | None) -> None:
        if timeout is None:
            raise RuntimeError("nothing is ever due again")
        self._now += timeout
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise RuntimeError("the run spins")

    def _process_events(self, event_list: list[Any]) -> None:
        return

    def _write_to_self(self) -> None:
        return

    # -- database threads ---------------------------------------------------------------------------------------------

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """In a greenlet, a moment later; never for a process that died meanwhile."""
        process, name = PROCESS.get(), work_name(func)
        future: asyncio.Future[Any] = self.create_future()
        if process.is_dead:
            future.cancel()
            return future
        process.passes(f"db {name} asked")
        job = _Job(self, process, name, func, args, future)
        self.call_later(self.database_s(), process.when_running, job.go_on)
        return future

    def database_s(self) -> float:
        slow = self._now < self.busy_until
        return self.rng.uniform(0.1, 0.8) if slow and self.rng.random() < 0.5 else self.rng.uniform(0.0003, 0.004)


class _Job:
    """One piece of work in a database thread, with its stops before transactions."""

    def __init__(
        self,
        loop: VirtualLoop,
        process: Process,
        name: str,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        future: asyncio.Future[Any],
    ) -> None:
        self._loop, self._process, self._name, self._future = loop, process, name, future
        self._thread = greenlet(lambda: func(*args))
        self._thread.stops = True

    def go_on(self) -> None:
        if self._process.is_dead:
            return
        try:
            told = self._thread.switch()
        except Exception as problem:  # noqa: BLE001  the thread's error is its caller's
            error = problem
            self._over(lambda: self._future.set_exception(error))
            return
        if not self._thread.dead:
            self._loop.call_later(self._loop.database_s(), self._process.when_running, self.go_on)
            return
        self._process.passes(f"db {self._name} done")
        self._over(lambda: self._future.set_result(told))

    def _over(self, tell: Callable[[], None]) -> None:
        def arrive() -> None:
            if not self._future.done():
                tell()

        self._process.when_running(arrive)


def work_name(func: Any) -> str:
    """What a database thread is asked to do: the work inside `in_thread`'s wrappings."""
    while isinstance(func, partial):
        func = func.args[-1] if getattr(func.func, "__name__", "") == "run" else func.func
    return str(getattr(func, "__name__", "work"))


_enter = transaction.Atomic.__enter__


def _stopping_enter(atomic: transaction.Atomic) -> None:
    """An outermost transaction may begin a moment later: others go first, as with threads."""
    current = getcurrent()
    if getattr(current, "stops", False) and not connection.in_atomic_block:
        loop = asyncio.get_event_loop_policy().get_event_loop()
        if isinstance(loop, VirtualLoop) and loop.rng.random() < 0.2 and current.parent is not None:
            current.parent.switch(None)
    _enter(atomic)


@contextlib.contextmanager
def stops_before_transactions() -> Iterator[None]:
    transaction.Atomic.__enter__ = _stopping_enter  # type: ignore[method-assign]
    try:
        yield
    finally:
        transaction.Atomic.__enter__ = _enter  # type: ignore[method-assign]
