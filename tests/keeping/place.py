"""One installation of Talkback on SQLite: its folder, and `manage.py` run in it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from tests.architecture.budgets import ROOT

KEY = Fernet.generate_key().decode()


class Place:
    def __init__(self, folder: Path, key: str = KEY) -> None:
        self.folder = folder
        self.database = folder / "talkback.sqlite3"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TALKBACK_")},
            "TALKBACK_VAR": str(folder),
            "TALKBACK_ENCRYPTION_KEYS": key,
            "TALKBACK_LOCAL_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        }
        self.environment.pop("DATABASE_URL", None)

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.python("manage.py", *arguments, **environment)

    def python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def connect(self) -> contextlib.closing[sqlite3.Connection]:
        return contextlib.closing(sqlite3.connect(self.database, timeout=5, isolation_level=None))

    def count(self, table: str = "events_sequence") -> int:
        with self.connect() as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
