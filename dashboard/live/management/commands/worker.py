"""`manage.py worker`: background tasks in a process of their own, beside consoles and relays."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from dashboard.live.exchange import exchanging
from dashboard.live.management.command import ServingCommand
from dashboard.live.management.serving import seen_from_outside
from dashboard.live.models import ProcessKind
from dashboard.live.seeing.reports import reporting
from dashboard.live.worker.engine import Worker


class Command(ServingCommand):
    help = "Run one worker for background tasks (retention, tidying), until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        worker = Worker()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
        async with exchanging(), reporting(ProcessKind.WORKER), seen_from_outside():
            self.stdout.write(f"worker {worker.name} runs")
            self.stdout.flush()
            # Tasks take their time and are plain code: in a thread, beside the loop that tells of this process.
            await asyncio.to_thread(worker.run)
