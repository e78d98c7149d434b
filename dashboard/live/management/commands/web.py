"""`manage.py web`: one console process of several: pages, sockets and callbacks, no relay. It does not migrate."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from dashboard.live.exchange import exchanging
from dashboard.live.hub.renderer import renderer
from dashboard.live.management.command import ServingCommand
from dashboard.live.management.serving import (
    PageServer,
    config,
    configure,
    keeping_connections,
    loop_factory,
    require_free,
)
from dashboard.live.models import ProcessKind
from dashboard.live.seeing.reports import reporting


class Command(ServingCommand):
    help = "Run one console process, beside others, relays and workers. SIGTERM lets its browsers go to another one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        require_free(options["host"], options["port"], "TALKBACK_PORT")
        configure(options["port"])
        with (
            contextlib.suppress(KeyboardInterrupt),
            keeping_connections(),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            runner.run(self._run(options["host"], options["port"]))

    async def _run(self, host: str, port: int) -> None:
        renderer.start()
        server = PageServer(config(host, port))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, setattr, server, "should_exit", True)
        self.stdout.write(f"console at http://{host}:{port}")
        try:
            async with exchanging(), reporting(ProcessKind.CONSOLE):
                await server.serve()
        finally:
            await renderer.stop()
