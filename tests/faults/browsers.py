"""Browsers that read nothing: their sockets are full, and no console may wait for them or grow by them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

if TYPE_CHECKING:
    from tests.faults.run import Run


async def slow_browser(run: Run, name: str) -> None:
    """Follows every room of the run at that console and never reads; opened again whenever it is closed. Cancelled."""
    url = run.place.url(name)
    topics = {f"room:{room.pk}": 0 for room in run.rooms}
    while True:
        with contextlib.suppress(OSError, TimeoutError, WebSocketException):
            async with connect(
                url.replace("http", "ws") + "/ws/live",
                origin=url,  # type: ignore[arg-type]
                additional_headers={"Cookie": run.people[0].cookies},
                sock=_narrow(url),
                max_queue=1,
                ping_interval=None,
                close_timeout=1,
                proxy=None,
            ) as line:
                hello = {"op": "hello", "view": "wall", "language": "en", "topics": topics}
                await line.send(json.dumps(hello))
                await line.wait_closed()
                run.books.count(f"a slow browser was closed: {line.close_code}")
        await asyncio.sleep(1)


def _narrow(url: str) -> socket.socket:
    """A socket that takes little before it is full."""
    parts = urlsplit(url)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect((parts.hostname or "127.0.0.1", parts.port or 80))
    narrow.setblocking(False)
    return narrow
