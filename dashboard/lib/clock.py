"""The one place that reads the time, so that tests can hand in their own.

Everything that decides by time takes a `Clock` or a `now`; nothing else calls `datetime.now` or `time.monotonic`.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, in UTC."""

    def monotonic(self) -> float:
        """Seconds that only go forward; for deadlines inside one process."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to; `sleep` returns when somebody advanced it far enough."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._monotonic + seconds, wake))
        await wake

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
        due = [pair for pair in self._sleepers if pair[0] <= self._monotonic]
        self._sleepers = [pair for pair in self._sleepers if pair[0] > self._monotonic]
        for _, wake in sorted(due, key=lambda pair: pair[0]):
            if not wake.done():
                wake.set_result(None)


_current: Clock = SystemClock()


def current() -> Clock:
    return _current


def now() -> datetime:
    """The current clock's wall time (UTC)."""
    return _current.now()


def monotonic() -> float:
    """The current clock's monotonic seconds."""
    return _current.monotonic()


def install(clock: Clock) -> Clock:
    """Make `clock` the current one and return the one before it. For tests and the sandbox's own process."""
    global _current
    before, _current = _current, clock
    return before
