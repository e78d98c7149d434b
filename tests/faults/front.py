"""What stands before the consoles, as a load balancer does: each connection goes to one that takes it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import count


@contextlib.asynccontextmanager
async def front(ports: list[int]) -> AsyncIterator[str]:
    """The address of a door to whichever of `ports` listens, in turn."""
    turn = count()
    open_ones: set[asyncio.Task[None]] = set()

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            open_ones.add(task)
            task.add_done_callback(open_ones.discard)
        first = next(turn)
        for at in range(len(ports)):
            with contextlib.suppress(OSError, asyncio.CancelledError):
                back = await asyncio.open_connection("127.0.0.1", ports[(first + at) % len(ports)])
                await _join(reader, writer, *back)
                return
        writer.close()

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in [*open_ones]:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    back_reader: asyncio.StreamReader,
    back_writer: asyncio.StreamWriter,
) -> None:
    """Until either side ends; then both do."""
    ways = [asyncio.create_task(_carry(reader, back_writer)), asyncio.create_task(_carry(back_reader, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for side in (writer, back_writer):
            side.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
