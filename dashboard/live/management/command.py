"""What every command that serves has in common: while it runs, nobody replaces the database under it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.lib.running import StillRunning, serving


class ServingCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with serving():
                return super().execute(*args, **options)
        except StillRunning:
            raise CommandError("The database is being restored or moved. Start again when that is done.") from None
