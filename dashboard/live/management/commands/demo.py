"""`manage.py demo`: the demo team on a sandbox that runs already, and its audience, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from dashboard.live.demo import setup
from dashboard.live.exchange import exchanging
from dashboard.live.management.command import ServingCommand


class Command(ServingCommand):
    help = "Make the demo team on a running sandbox, put rooms on air once, and keep an audience there until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="of a console, for the address it prints")
        parser.add_argument("--sandbox-port", type=int, default=8900)

    def handle(self, *args: Any, **options: Any) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(self._run(options["port"], options["sandbox_port"]))

    async def _run(self, port: int, sandbox_port: int) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        async with exchanging():
            try:
                lines = await setup.prepare(console_port=port, sandbox_port=sandbox_port)
            except setup.SandboxMissing as error:
                raise CommandError(str(error)) from None
            self.stdout.write("\n".join(lines))
            self.stdout.flush()
            await stopping.wait()
