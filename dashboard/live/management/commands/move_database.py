"""`manage.py move_database --to <DATABASE_URL>`: from SQLite to PostgreSQL, while Talkback stands still."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, connections

from dashboard import settings
from dashboard.lib.running import StillRunning, nobody_else
from dashboard.live.management import move

TARGET = "target"


class Command(BaseCommand):
    help = "Copy everything to a new, empty PostgreSQL database and compare both. The SQLite file stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="DATABASE_URL", help="postgresql://user:password@host/name")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("This moves from SQLite: start it without DATABASE_URL, and give that to --to.")
        try:
            wanted = settings.database(options["to"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        if not options["to"] or wanted["ENGINE"] == connection.settings_dict["ENGINE"]:
            raise CommandError("--to must name a PostgreSQL database: postgresql://user:password@host:5432/name")
        connections.settings[TARGET] = connections.configure_settings({"default": {}, TARGET: wanted})[TARGET]
        try:
            with nobody_else():
                moved = move.move("default", TARGET, self.stdout.write)
        except StillRunning:
            raise CommandError("Talkback runs on this database. Stop it, all of it, then move.") from None
        except (move.Refused, DatabaseError) as error:
            raise CommandError(f"Nothing was moved. {error}") from None
        finally:
            connections[TARGET].close()
            cast(Any, connections[TARGET]).close_pool()
        self.stdout.write(f"{len(moved)} tables, {sum(table.rows for table in moved)} rows: the same on both sides.")
        self.stdout.write("Set DATABASE_URL to it, keep the same keys, and start Talkback. Keep the old file a while.")
