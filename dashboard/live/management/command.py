"""What all commands that serve have in common: what was loaded is no garbage, and nobody replaces their database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.lib.garbage import settle_soon
from dashboard.lib.running import StillRunning, serving


class ServingCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        settle_soon()
        try:
            with serving():
                return super().execute(*args, **options)
        except StillRunning:
            raise CommandError("The database is being restored or moved. Start again when that is done.") from None
