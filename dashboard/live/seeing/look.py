"""A question to the database that nobody may hang on: one at a time, in a thread of its own, kept for a second."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import connections

from dashboard.lib import clock

logger = logging.getLogger(__name__)

T = TypeVar("T")


class NoAnswer(Exception):
    """The database did not answer in time, or with an error; `silent_s` is how long it has not."""

    def __init__(self, silent_s: float) -> None:
        super().__init__(f"no answer for {silent_s:.1f} s")
        self.silent_s = silent_s


class Look(Generic[T]):
    def __init__(self, read: Callable[[], T], *, within_s: float = 1.0, keep_s: float = 1.0) -> None:
        self._read = read
        self._within_s = within_s
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._running: Future[T] | None = None
        self._answer: tuple[float, T] | None = None
        #: Since when there is no answer; None while there is.
        self._silent_since: float | None = None

    async def now(self) -> tuple[T, float]:
        """The answer and its age in seconds. Raises `NoAnswer`, after `within_s` at the latest."""
        if self._answer is not None and (age := clock.monotonic() - self._answer[0]) < self._keep_s:
            return self._answer[1], age
        running = self._begin()
        try:
            async with asyncio.timeout(self._within_s):
                answer = await asyncio.shield(asyncio.wrap_future(running))
        except Exception as error:  # noqa: BLE001  a probe's answer is that there is none
            if self._silent_since is None:
                self._silent_since = clock.monotonic()
                logger.warning("the database does not answer: %r", error)
            raise NoAnswer(clock.monotonic() - self._silent_since) from None
        if self._silent_since is not None:
            logger.warning("the database answers again after %.0f s", clock.monotonic() - self._silent_since)
            self._silent_since = None
        return answer, 0.0

    def _begin(self) -> Future[T]:
        """The question that is on its way, else a new one. A thread that hangs is waited for, not multiplied."""
        with self._lock:
            if self._running is not None and not self._running.done():
                return self._running
            running = self._running = Future[T]()
            running.set_running_or_notify_cancel()
        # Not a pool: its threads are waited for when the process ends, and this one may hang.
        threading.Thread(target=self._ask, args=(running,), name="seeing", daemon=True).start()
        return running

    def _ask(self, running: Future[T]) -> None:
        try:
            answer = self._read()
        except Exception as error:  # noqa: BLE001  whatever it is, it is whoever asks who must know
            running.set_exception(error)
        else:
            self._answer = (clock.monotonic(), answer)
            running.set_result(answer)
        finally:
            connections.close_all()
