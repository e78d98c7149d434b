"""The port: uvicorn set up for the sandbox, and ASGI's words turned into requests."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import cast
from urllib.parse import parse_qsl

import uvicorn

from dashboard.sandbox.http import Gone, Receive, Request, Scope, Send

BODY_LIMIT = 12 * 1024 * 1024
"""What a signed request may carry at most (002:530)."""

FINISH_WITHIN_S = 0.4
"""For requests under way when the sandbox stops."""

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLarge(Exception):
    """A body beyond the limit."""


class Listener(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process before the state is saved."""

    def __init__(self, app: App) -> None:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            loop="none",
            http="httptools",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            ws_max_size=1024 * 1024,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            backlog=2048,
        )
        super().__init__(config)
        self.is_up = asyncio.Event()
        self._leave = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def main_loop(self) -> None:
        await self._leave.wait()

    def leave(self) -> None:
        self._leave.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port and every connection (sockets with 1012); uvicorn's own way polls and may take seconds."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=FINISH_WITHIN_S)
        late = list(self.server_state.tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def listen_again(self, host: str, port: int) -> None:
        def connect(_loop: asyncio.AbstractEventLoop | None = None) -> asyncio.Protocol:
            make = cast(Callable[..., asyncio.Protocol], self.config.http_protocol_class)
            return make(config=self.config, server_state=self.server_state, app_state={}, _loop=_loop)

        loop = asyncio.get_running_loop()
        self.servers = [await loop.create_server(connect, host, port, backlog=self.config.backlog)]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def request_of(scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    raw_query = scope["query_string"].decode("latin-1")
    client = scope.get("client")
    return Request(
        method=scope.get("method", "GET"),
        path=scope["path"],
        raw_path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=parse_qsl(raw_query, keep_blank_values=True),
        headers=headers,
        body=body,
        host=headers.get("host", ""),
        client=client[0] if client else "",
        raw_query=raw_query,
    )


async def read_request(scope: Scope, receive: Receive) -> Request:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone(1006)
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise TooLarge
        if not message.get("more_body"):
            return request_of(scope, bytes(body))
