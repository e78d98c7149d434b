"""A page that is gone when something is told to it ends its seat by its disconnect, without an error of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dashboard.live.talk.consumer import TalkConsumer


@pytest.mark.parametrize("gone", [ConnectionResetError("client disconnected"), RuntimeError("after close")])
def test_telling_and_closing_a_page_that_is_gone_raises_nothing(gone: Exception) -> None:
    asked: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        asked.append(message["type"])
        raise gone

    consumer = TalkConsumer()
    consumer.base_send = send

    async def tell() -> None:
        await consumer._send({"t": "ended"})
        await consumer._close(4409)

    asyncio.run(tell())
    assert asked == ["websocket.send", "websocket.close"]
