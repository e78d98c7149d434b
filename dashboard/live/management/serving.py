"""Serving pages and sockets from this process: what the commands that do so share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import CommandError
from django.urls import resolve

from dashboard.lib import processors
from dashboard.lib.sqlite.kept import KEPT
from dashboard.live.hub.wire import FrameSocket
from dashboard.live.seeing.door import Door

#: What a request, a socket or a relay may still take once the process is asked to end, seconds.
GRACE_S = 3
#: So many requests that end together leave their connection to SQLite open for others; more are seldom at work at once.
KEPT_CONNECTIONS = 8


class Server(uvicorn.Server):
    """uvicorn re-raises the signal it caught after serving, which would skip our own clean-up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class PageServer(Server):
    """Its views and forms are loaded as soon as its port is open; what is to begin behind that waits for `is_ready`.

    `serve` raises what their import raises.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Whoever waits for the first page is let in already. Nobody imports views and forms but the first request.
        await asyncio.to_thread(resolve, "/")
        self.is_ready.set()


def take_short_turns() -> None:
    """One process does nearly everything: with Python's 5 ms a socket waits that long for each thread at work."""
    sys.setswitchinterval(0.0005)


def keep_on_one_processor(*beside: int) -> None:
    """For a process that does everything, once it is loaded; `beside` are processes that it has started."""
    if not settings.ONE_PROCESSOR:
        return
    processors.keep_together()
    for child in beside:
        processors.put_beside(child)


def configure(port: int) -> None:
    """The port decides the console's own address unless the environment says another."""
    take_short_turns()
    os.umask(0o077)  # database and keys are nobody else's
    if "TALKBACK_PUBLIC_URL" not in os.environ:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        os.environ["TALKBACK_PUBLIC_URL"] = settings.PUBLIC_URL  # for the process that makes fragments


def keeping_connections() -> contextlib.AbstractContextManager[None]:
    """While requests are answered; before, migrations want connections of their own."""
    return KEPT.keeping(KEPT_CONNECTIONS)


def require_free(host: str, port: int, name: str) -> None:
    """A taken port is said in one sentence, before anything is started."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} is not free ({error.strerror}). Choose another one: make run {name}={port + 1}"
            ) from None


def config(host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "dashboard.asgi:application",
        host=host,
        port=port,
        lifespan="off",
        log_level="warning",
        loop="none",
        ws=FrameSocket,
        ws_max_size=65_536,
        # Fragments are small: compressing them costs a factor of 2 to 15 in fan-out.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=20,
        proxy_headers=False,
        server_header=False,
    )


@contextlib.asynccontextmanager
async def seen_from_outside() -> AsyncIterator[None]:
    """Health and metrics of a process without pages, where `TALKBACK_METRICS_LISTEN` says, while the block runs."""
    if not settings.METRICS_LISTEN:
        yield
        return
    host, _, port = settings.METRICS_LISTEN.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    require_free(host, int(port), "TALKBACK_METRICS_LISTEN")
    server = Server(
        uvicorn.Config(
            Door(),
            host=host,
            port=int(port),
            lifespan="off",
            log_level="warning",
            log_config=None,
            loop="none",
            ws="none",
            timeout_graceful_shutdown=1,
            proxy_headers=False,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve(), name="seen")
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([serving], timeout=GRACE_S)


def loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
