"""Migrations at the start of a console that runs alone."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def migrate() -> None:
    """Bring the database to this version; a start at which nothing is new does not load them all to find out."""
    if _on_disk() - set(MigrationRecorder(connection).applied_migrations()):
        call_command("migrate", verbosity=0, interactive=False)


def _on_disk() -> set[tuple[str, str]]:
    """Which migrations this version has, by app and name."""
    return {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in Path(app.path, "migrations").glob("[0-9]*.py")
    }
