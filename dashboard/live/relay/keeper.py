"""Who acts for a job or an account, and how it waits for work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

Alive = Callable[[], bool]
"""This relay may still act: its own beat reached the database less than 9 s ago, by the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who sends: relay name and the epoch of the job or account it keeps."""

    relay: str
    epoch: int
    alive: Alive


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, at most `seconds`: a lost wake-up costs a second, never a sentence."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
