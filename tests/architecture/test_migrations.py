"""Migrations: nothing is missing; a fresh file goes to head, then each app back to zero and to head again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from django.apps import apps

from tests.architecture.budgets import ROOT
from tests.architecture.test_settings import manage

OURS = [config.label for config in apps.get_app_configs() if config.name.startswith("dashboard.")]
FILES = sorted((ROOT / "dashboard").glob("**/migrations/0*.py"))

#: Up, down and up again in one process: a `manage.py` per step would cost a second each.
_THERE_AND_BACK = """
import sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
head = sorted(connection.introspection.table_names())
for app in sys.argv[1:]:
    call_command("migrate", app, "zero", verbosity=0)
    left = [name for name in connection.introspection.table_names() if name.startswith(app + "_")]
    assert left == [], (app, left)
    call_command("migrate", verbosity=0)
    assert sorted(connection.introspection.table_names()) == head, app
print("tables:", len(head))
"""


def test_no_model_changed_without_its_migration(tmp_path: Path) -> None:
    done = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


def test_from_zero_to_head_and_every_app_back_to_zero(tmp_path: Path) -> None:
    migrated = [label for label in OURS if (ROOT / "dashboard" / label / "migrations").is_dir()]
    environment = {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "TALKBACK_VAR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", _THERE_AND_BACK, *migrated],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tables: ")


def test_migrations_are_named_for_what_they_do() -> None:
    assert [path.name for path in FILES if re.search(r"_auto_|_alter_\w+_and_more|_and_more", path.name)] == []
