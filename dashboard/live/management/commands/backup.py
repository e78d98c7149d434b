"""`manage.py backup <file>`: everything in one file, while Talkback runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from dashboard.live.management import backups


class Command(BaseCommand):
    help = "Write database and clips into one checked file. Talkback may run meanwhile. SQLite only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--keys", action="store_true", help="also the two key files: then guard it like a key")
        parser.add_argument("--no-clips", action="store_true", help="without the audio clips of the library")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                "The database is PostgreSQL: back it up with pg_dump --format=custom, restore it with pg_restore."
            )
        connection.close()
        try:
            made = backups.write(options["file"], with_keys=options["keys"], with_clips=not options["no_clips"])
        except (OSError, sqlite3.Error, backups.Damaged) as error:
            raise CommandError(f"No backup was written: {error}") from None
        size = options["file"].stat().st_size
        self.stdout.write(f"{options['file']}: {len(made.parts)} files of {made.made_at}, {size:,} bytes, checked.")
