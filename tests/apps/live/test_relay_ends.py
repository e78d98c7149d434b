"""A relay that is asked to end hands over at once, whatever a vendor keeps it waiting for."""

from __future__ import annotations

import asyncio

import pytest

from dashboard.lib.threads import in_thread
from dashboard.live.relay import keeper, rounds
from dashboard.live.relay.supervisor import Relay
from dashboard.vendors.models import Relay as Row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", ["report", "renew_tokens", "rehearse"])
async def test_no_vendor_keeps_it_from_ending(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "LAST_SEND_S", 0.05)
    is_asked = asyncio.Event()

    async def never_answered(*_: object) -> None:
        is_asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(rounds, name, never_answered)
    relay = Relay("r1")
    running = asyncio.create_task(relay.run())
    await is_asked.wait()
    assert await in_thread(Row.objects.filter(name="r1").exists)
    relay.stop()
    async with asyncio.timeout(10):
        await running
    assert not await in_thread(Row.objects.filter(name="r1").exists)
