"""Where the hub's flushes are made: in a process of their own where one was started, else in a thread.

Making fragments is Python from end to end. In the process that also serves pages, talks to vendors and records facts
each of them would wait for the others' turn, longest in the very moments in which much happens. See
docs/decisions/0011-fragments-in-a-process-of-their-own.md and 0049-no-threads-between-hub-and-fragments.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from dashboard.lib import processors
from dashboard.lib.threads import in_thread, keep_connection
from dashboard.live.hub.fragment_process import HEAD, packed

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)

#: A flush takes hundredths of a second. One that takes this long will not come: pages would stand still and look alive.
LONGEST_S = 10.0
#: It loads what a console loads, perhaps beside one that does the same on the only processor.
STARTS_WITHIN_S = 60.0
AGAIN_S = 10.0


class Renderer:
    def __init__(self) -> None:
        self._process: Process | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)
        self._keeping: asyncio.Task[None] | None = None
        self.is_up = False

    def start(self) -> None:
        """Keep a process from now on. Until it is up, and while it is not, threads render."""
        self._keeping = asyncio.get_running_loop().create_task(self._keep(), name="fragments")

    async def stop(self) -> None:
        """It only reads, so it need not be asked; one that hangs would not hear."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work` and what it takes and gives must be picklable; its errors come back."""
        process, call = self._process, partial(work, *args, **kwargs)
        if process is None or not self.is_up:
            return await in_thread(call)
        try:
            answer: R = await self._ask(process, call)
            return answer
        except BrokenPipeError:
            return await in_thread(call)  # whoever keeps it says so
        except TimeoutError:
            logger.warning("the process that makes fragments hangs; it is ended")
            self._end(process)
            return await in_thread(call)

    async def _ask(self, process: Process, call: Callable[[], R], within_s: float | None = None) -> R:
        """Raises `BrokenPipeError` where the process ends, `TimeoutError` where it does not answer."""
        number, done = next(self._numbers), asyncio.get_running_loop().create_future()
        question = packed(number, partial(_with_kept_connection, call))
        self._asked[number] = done
        try:
            if process.stdin is None or process.stdin.is_closing():
                raise BrokenPipeError
            process.stdin.write(question)
            async with asyncio.timeout(within_s or LONGEST_S):
                answer: R = await done
                return answer
        finally:
            self._asked.pop(number, None)

    # ------------------------------------------------------------------------------------------------------ the process

    async def _keep(self) -> None:
        while True:
            try:
                await self._live()
                logger.warning("the process that makes fragments ended; threads make them until it is back")
            except Exception:
                logger.exception("the process that makes fragments failed; threads make them until it is back")
            await asyncio.sleep(AGAIN_S)

    async def _live(self) -> None:
        """One process, from its start to its end."""
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dashboard.live.hub.fragment_process",
            stdin=PIPE,
            stdout=PIPE,
            cwd=settings.BASE_DIR,
            start_new_session=True,  # Ctrl-C reaches every process of the terminal; this one ends with its console
        )
        processors.put_beside(process.pid)
        greeting = asyncio.create_task(self._greet(process), name="fragments:up")
        try:
            await self._read(process)
        finally:
            greeting.cancel()
            self._end(process)
            await process.wait()

    async def _greet(self, process: Process) -> None:
        """Its first answer says that it is up."""
        try:
            await self._ask(process, os.getpid, STARTS_WITHIN_S)
            self.is_up = True
        except TimeoutError:
            logger.warning("the process that makes fragments did not start in time; it is ended")
            self._end(process)
        except BrokenPipeError:
            pass  # whoever keeps it says so

    async def _read(self, process: Process) -> None:
        """Its answers, until it ends; who still waits for one then is told."""
        if process.stdout is None:
            raise RuntimeError("the process was started without a pipe")
        try:
            while True:
                number, size = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
                self._answered(number, await process.stdout.readexactly(size))
        except asyncio.IncompleteReadError:
            pass  # its end
        finally:
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(BrokenPipeError())

    def _answered(self, number: int, body: bytes) -> None:
        if (asked := self._asked.get(number)) is None or asked.done():
            return  # whoever asked has gone
        try:
            is_done, told = pickle.loads(body)  # noqa: S301  from our own child
        except Exception as error:  # noqa: BLE001  an error of some library that can be packed and not unpacked
            is_done, told = False, error
        if is_done:
            asked.set_result(told)
        else:
            asked.set_exception(told)

    def _end(self, process: Process) -> None:
        self.is_up = False
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def _with_kept_connection(work: Callable[[], R]) -> R:
    keep_connection()
    return work()


renderer = Renderer()
