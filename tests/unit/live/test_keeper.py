"""Whoever ends a task waits for it, and is not ended in its place."""

from __future__ import annotations

import asyncio

import pytest

from dashboard.live.relay.keeper import end_task


async def test_it_has_ended_whatever_it_raised() -> None:
    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("a flaw")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end_task(task)
    assert isinstance(task.exception(), RuntimeError)


async def test_who_is_cancelled_while_waiting_is_cancelled() -> None:
    slowly = asyncio.Event()

    async def ending_slowly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await slowly.wait()

    task = asyncio.create_task(ending_slowly())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(end_task(task))
    await asyncio.sleep(0)
    waiting.cancel()
    slowly.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
