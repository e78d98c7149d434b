"""`manage.py sandbox`: the local vendors alone, on their own port."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from dashboard.lib.garbage import settle_soon
from dashboard.sandbox import server


class Command(BaseCommand):
    help = "Run the sandbox: both vendors on one local port. Prints its credentials."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--folder", type=Path, default=Path(settings.VAR_DIR) / "sandbox")

    def handle(self, *args: Any, **options: Any) -> None:
        settle_soon()
        server.run(options["host"], options["port"], options["folder"])
