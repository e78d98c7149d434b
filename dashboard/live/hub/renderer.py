"""Where the hub's flushes are made: in a process of their own where one was started, else in a thread.

Making fragments is Python from end to end. In the process that also serves pages, talks to vendors and records facts
each of them would wait for the others' turn, longest in the very moments in which much happens. See
docs/decisions/0011-fragments-in-a-process-of-their-own.md.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

import django

from dashboard.lib import processors
from dashboard.lib.garbage import look_seldom, settle_soon
from dashboard.lib.threads import in_thread, keep_connection

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)

#: A flush takes hundredths of a second. One that takes this long will not come: pages would stand still and look alive.
LONGEST_S = 10.0
AGAIN_S = 10.0


class Renderer:
    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._number = 0
        self._is_wanted = False
        self.is_up = False

    def start(self) -> None:
        """Start the process, from the main thread. Until it is up, threads render."""
        self._is_wanted = True
        self._pool = ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),  # a fork would copy locks that other threads hold
            initializer=_set_up,
            initargs=(os.getpid(), processors.allowed()),
        )
        # Ctrl-C reaches every process of the terminal; this one ends when its console tells it to.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._pool.submit(os.getpid).add_done_callback(self._started)
        finally:
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)

    def _started(self, done: Future[int]) -> None:
        if done.cancelled() or done.exception() is not None:
            logger.warning("fragments are made in threads: their process did not start")
            return
        self._number = done.result()
        self.is_up = True

    def stop(self) -> None:
        self._is_wanted = False
        self._end()

    def _end(self) -> None:
        """It only reads, so it need not be asked; one that hangs would not hear."""
        self.is_up = False
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        for child in multiprocessing.active_children():
            if child.pid == self._number:
                child.kill()
                child.join(1.0)  # milliseconds: what was killed must not stay behind as a zombie

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work` and what it takes and gives must be picklable; its errors come back."""
        if self._pool is None or not self.is_up:
            return await in_thread(work, *args, **kwargs)
        try:
            done = self._pool.submit(_with_kept_connection, partial(work, *args, **kwargs))
            async with asyncio.timeout(LONGEST_S):
                return await asyncio.wrap_future(done)
        except (BrokenExecutor, TimeoutError):
            logger.exception("the process that makes fragments ended or hangs; threads make them until it is back")
            self._end()
            asyncio.get_running_loop().call_later(AGAIN_S, self._start_again)
            return await in_thread(work, *args, **kwargs)

    def _start_again(self) -> None:
        if self._is_wanted and self._pool is None:
            self.start()


def _set_up(console: int, may_run_on: frozenset[int]) -> None:
    """The first act of the new process."""
    processors.spread(may_run_on)
    look_seldom()
    django.setup()
    settle_soon()
    threading.Thread(target=_end_with, args=(console,), name="end-with-console", daemon=True).start()


def _end_with(console: int) -> None:
    """A console that was killed tells nobody; its child gets a new parent then."""
    while os.getppid() == console:
        time.sleep(1)
    os._exit(0)


def _with_kept_connection(work: Callable[[], R]) -> R:
    keep_connection()
    return work()


renderer = Renderer()
