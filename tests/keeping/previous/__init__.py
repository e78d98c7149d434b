"""The demo's database as the release before this one left it, with three rooms on air, and how to put it somewhere.

Made with that release's own code: its demo ran for five minutes, then its database was dumped (`sqlite3 .dump`) without
sessions. Its secrets are the sandbox's.
"""

from __future__ import annotations

import contextlib
import lzma
import sqlite3
from pathlib import Path

DUMP = Path(__file__).parent / "demo.sql.xz"
#: What its secrets were encrypted with.
KEY = "cHJldmlvdXMgcmVsZWFzZSwgZm9yIHRoZSB0ZXN0cyE="
PASSWORD = "on-air-tonight"


def put(path: Path) -> dict[str, int]:
    """Make that database at `path`; how many rows each of its tables has."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(lzma.decompress(DUMP.read_bytes()).decode())
        return counts(path)


def counts(path: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {
            str(name): int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for (name,) in names.fetchall()
        }
