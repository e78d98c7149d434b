"""A microphone's line to a relay elsewhere: whatever becomes of it, the page is told."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from dashboard.live.relay.told import Told
from dashboard.live.talk.line import RemoteLine


@pytest.mark.parametrize("nonsense", ["[", b"\xff", '{"what": 7}', "[" * 5_000])
async def test_a_relay_that_talks_nonsense_is_lost(nonsense: str | bytes) -> None:
    heard: list[Told] = []

    async def talk_nonsense(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(nonsense)
        await socket.wait_closed()

    async with serve(talk_nonsense, "127.0.0.1", 0) as relay:
        port = relay.sockets[0].getsockname()[1]
        line = RemoteLine(await connect(f"ws://127.0.0.1:{port}", proxy=None), heard.append)
        await line.begin("t1")
        async with asyncio.timeout(10):
            await line._reader
        await line.close()
    assert [(told.what, told.trace_id) for told in heard] == [("ended", "t1"), ("over", "t1")]
    assert not line.is_open
