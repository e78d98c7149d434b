"""A relay's own door for sound: consoles of other processes bring a microphone's frames here (docs/operations.md)."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from dashboard.lib import shapes
from dashboard.live.relay.job_keeper import JobKeeper
from dashboard.live.relay.keepers import HERE
from dashboard.live.relay.supervisor import Relay
from dashboard.live.relay.told import Told
from dashboard.live.talk.line import Begin, End, LocalLine, Upward
from dashboard.live.talk.passes import Gate

logger = logging.getLogger(__name__)
_PATH = re.compile(r"/talk/(\d{1,15})")
#: A console that reads so slowly is gone; its microphone ends by its own silence.
MOST_UNTOLD = 256


@asynccontextmanager
async def listening(relay: Relay, host: str, port: int, *, public: str = "") -> AsyncIterator[str]:
    """Listen for as long as the block lasts; yields the address that consoles are to use, and gives it to `relay`.

    `public` is that address where it is not the one listened on; port 0 takes any free one.
    """
    door = _Door(relay)
    async with serve(
        door.serve,
        host,
        port,
        process_request=door.check,
        max_size=65_536,
        max_queue=64,
        compression=None,
        ping_interval=5,
        ping_timeout=5,
        server_header=None,
    ) as server:
        bound = next(iter(server.sockets)).getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        relay.address = public or f"ws://{name}:{bound}"
        yield relay.address


class _Door:
    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._gate = Gate(relay.name)

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        found = _PATH.fullmatch(request.path)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if found is None or scheme != "Bearer" or not self._gate.lets_in(token, int(found[1])):
            return connection.respond(HTTPStatus.FORBIDDEN, "no valid pass\n")
        if self._keeper(connection, request) is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "this relay does not keep that job\n")
        return None

    def _keeper(self, connection: ServerConnection, request: Request | None) -> JobKeeper | None:
        found = _PATH.fullmatch(request.path) if request is not None else None
        kept = HERE.get(self._relay.name)
        return kept.job(int(found[1])) if found is not None and kept is not None else None

    async def serve(self, connection: ServerConnection) -> None:
        keeper = self._keeper(connection, connection.request)
        if keeper is None:
            return
        untold: asyncio.Queue[Told] = asyncio.Queue(MOST_UNTOLD)

        def tell(told: Told) -> None:
            if untold.full():
                untold.get_nowait()
            untold.put_nowait(told)

        line = LocalLine(keeper, tell)
        writer = asyncio.create_task(_write(connection, untold), name=f"talk:writer:{keeper.job_id}")
        try:
            async for frame in connection:
                await _take(line, frame)
        except (ConnectionClosed, *shapes.UNREADABLE):
            logger.debug("a line for job %s ended", keeper.job_id)
        finally:
            writer.cancel()
            await line.close()


async def _take(line: LocalLine, frame: str | bytes) -> None:
    if isinstance(frame, bytes):
        await line.sound(frame)
        return
    wanted: Upward = shapes.decode(frame, Upward)
    if isinstance(wanted, Begin):
        await line.begin(wanted.trace_id)
    elif isinstance(wanted, End):
        await line.end(wanted.why)


async def _write(connection: ServerConnection, untold: asyncio.Queue[Told]) -> None:
    try:
        while True:
            await connection.send(msgspec.json.encode(await untold.get()).decode())
    except ConnectionClosed:
        return
