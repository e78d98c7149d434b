"""`manage.py worker`: background tasks in a process of their own, beside consoles and relays."""

from __future__ import annotations

import signal
from typing import Any

from dashboard.live.management.command import ServingCommand
from dashboard.live.worker.engine import Worker


class Command(ServingCommand):
    help = "Run one worker for background tasks (retention, tidying), until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        self.stdout.write(f"worker {worker.name} runs")
        self.stdout.flush()
        worker.run()
