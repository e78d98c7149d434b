"""Connections that wait for the next request instead of being closed.

Each request has a thread of its own, and Django closes its connection at the end. To open one again costs more than
most statements: SQLite reads the whole schema anew. PostgreSQL has psycopg's pool for that; SQLite has none in Django.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from sqlite3 import Connection

File = tuple[int, int]


@dataclass(slots=True)
class _Kept:
    connection: Connection
    file: File


@dataclass(slots=True)
class KeptConnections:
    """None are kept unless a process that serves says so: others want the file to be free once they closed it."""

    most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _idle: list[_Kept] = field(default_factory=list)

    def take(self, path: str) -> Connection | None:
        """One to the file that lies at `path` now: another may have been put in its place."""
        if not self._idle or (file := identity(path)) is None:
            return None
        with self._lock:
            idle, self._idle = self._idle, []
            found = next((one for one in reversed(idle) if one.file == file), None)
            self._idle = [one for one in idle if one is not found and one.file == file]
            gone = [one for one in idle if one.file != file]
        for one in gone:
            one.connection.close()
        return found.connection if found is not None else None

    def keep(self, connection: Connection, file: File | None) -> bool:
        """Whether `connection`, which was opened on `file`, is kept; else its owner closes it."""
        if not self.most or connection.in_transaction or file is None:
            return False
        with self._lock:
            if len(self._idle) >= self.most:
                return False
            self._idle.append(_Kept(connection, file))
        return True


def identity(path: str) -> File | None:
    """Device and number of a file: no other file has that number as long as somebody holds this one open."""
    with contextlib.suppress(OSError):
        told = os.stat(path)
        return told.st_dev, told.st_ino
    return None


KEPT = KeptConnections()
