"""`manage.py relay`: one relay alone, beside consoles that run elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

from django.conf import settings

from dashboard.live.exchange import exchanging
from dashboard.live.management.command import ServingCommand
from dashboard.live.management.serving import seen_from_outside, take_short_turns
from dashboard.live.models import ProcessKind
from dashboard.live.relay.supervisor import Relay
from dashboard.live.seeing.reports import reporting
from dashboard.live.talk.listener import listening


class Command(ServingCommand):
    help = "Run one relay: keeps jobs and accounts alive, sends commands, until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        take_short_turns()
        asyncio.run(self._run())

    async def _run(self) -> None:
        relay = Relay()
        async with (
            exchanging(),
            reporting(ProcessKind.RELAY),
            seen_from_outside(),
            contextlib.AsyncExitStack() as doors,
        ):
            if settings.RELAY_LISTEN:
                host, _, port = settings.RELAY_LISTEN.rpartition(":")
                door = listening(relay, host.strip("[]"), int(port), public=settings.RELAY_ADDRESS)
                await doors.enter_async_context(door)
            await self._serve(relay)

    async def _serve(self, relay: Relay) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, relay.stop)
        self.stdout.write(f"relay {relay.name} runs")
        await relay.run()
