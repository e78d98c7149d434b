"""`manage.py restore <file>`: a backup in place of the database, while Talkback stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from dashboard.lib.running import StillRunning
from dashboard.live.management import restores
from dashboard.live.management.backups import Damaged


class Command(BaseCommand):
    help = "Put a backup in place of the database. Refuses while Talkback runs. SQLite only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--lose-secrets", action="store_true", help="though its encryption keys are not here")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("The database is PostgreSQL: restore it with pg_restore from what pg_dump wrote.")
        try:
            manifest, before = restores.restore(options["file"], lose_secrets=options["lose_secrets"])
        except StillRunning:
            raise CommandError("Something uses the database. Stop Talkback, all of it, then restore.") from None
        except (restores.Refused, Damaged) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"Restored what was there at {manifest.made_at}.")
        if before is not None:
            self.stdout.write(f"The database of before is {before}.")
        self.stdout.write("What waited to be said then was taken back, and everybody signs in again.")
        self.stdout.write("Start Talkback: it brings an older database up to date by itself.")
