"""Who acts for a job or an account, and how it waits for work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.live.relay.signs import Signs

#: How long what is on its way to a vendor may take until whoever lets go of a job or account breaks it off, seconds.
LAST_SEND_S = 2.0

Alive = Callable[[], bool]
"""This relay may still act: its own beat reached the database less than 9 s ago, by the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who sends: relay name and the epoch of the job or account it keeps."""

    relay: str
    epoch: int
    alive: Alive
    #: Of the jobs that this relay keeps; they are written together.
    signs: Signs = field(default_factory=Signs)

    def of(self, epoch: int, alive: Alive) -> Keeper:
        """The same relay, for one account or job."""
        return replace(self, epoch=epoch, alive=alive)


async def finished(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Until all of them ended by themselves, at most `LAST_SEND_S`."""
    if waiting := [task for task in tasks if not task.done()]:
        await asyncio.wait(waiting, timeout=LAST_SEND_S)


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel `task` and wait until it has ended, however.

    Whoever waits here and is cancelled is cancelled then: a `suppress` around `await task` would take that for the
    task's own end, and go on.
    """
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def end_together(tasks: Collection[asyncio.Task[None]], rest: Callable[[], Awaitable[None]]) -> None:
    """Until one of them ends, with its error; `rest` lets what is on its way arrive.

    Each ends where the relay was late with its beat. They end together then, and are taken up together: one that ended
    alone would send nothing any more while those that slept through it go on.
    """
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await rest()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, at most `seconds`: a lost wake-up costs a second, never a sentence."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
