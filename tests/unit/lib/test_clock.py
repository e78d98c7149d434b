"""The clock that only moves when told, and the one door to the time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.lib import clock
from dashboard.lib.clock import ManualClock, SystemClock


def test_now_is_utc_and_comes_from_the_installed_clock() -> None:
    assert SystemClock().now().tzinfo is UTC
    manual = ManualClock(datetime(2026, 3, 14, tzinfo=UTC))
    before = clock.install(manual)
    try:
        assert clock.current() is manual
        assert (clock.now(), clock.monotonic()) == (manual.now(), manual.monotonic())
        manual.advance(2.5)
        assert clock.now() == datetime(2026, 3, 14, tzinfo=UTC) + timedelta(seconds=2.5)
    finally:
        assert clock.install(before) is manual
    assert clock.current() is before


async def test_sleepers_wake_in_the_order_of_their_time() -> None:
    manual, woken = ManualClock(), []

    async def sleeper(name: str, seconds: float) -> None:
        await manual.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.create_task(sleeper(name, seconds)) for name, seconds in (("c", 3), ("a", 1), ("b", 2))]
    await asyncio.sleep(0)
    manual.advance(0.9)
    await asyncio.sleep(0)
    assert woken == []
    manual.advance(1.2)
    await asyncio.sleep(0)
    assert woken == ["a", "b"]
    manual.advance(1)
    await asyncio.gather(*tasks)
    assert woken == ["a", "b", "c"]


@pytest.mark.parametrize("seconds", [0, -1])
async def test_no_time_is_no_wait(seconds: float) -> None:
    async with asyncio.timeout(1):
        await ManualClock().sleep(seconds)
        await SystemClock().sleep(0)


async def test_a_sleeper_that_gave_up_does_not_disturb_the_clock() -> None:
    manual = ManualClock()
    task = asyncio.create_task(manual.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    manual.advance(5)
