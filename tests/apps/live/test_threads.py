"""Database threads: what a stop or a silence needs never waits for the rest."""

from __future__ import annotations

import asyncio
import threading

import pytest

from dashboard.lib import threads
from dashboard.lib.threads import in_thread, in_thread_at_once


@pytest.mark.django_db(transaction=True)
async def test_a_silence_has_a_thread_though_all_others_wait_for_the_database() -> None:
    released = threading.Event()
    waiting = [asyncio.create_task(in_thread(released.wait, 30)) for _ in range(threads._pool._max_workers + 1)]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            assert await in_thread_at_once(lambda: "claimed") == "claimed"
        assert not any(task.done() for task in waiting)
    finally:
        released.set()
        await asyncio.gather(*waiting)
