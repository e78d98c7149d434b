"""Connections that wait for the next request instead of being closed.

Django closes the connection of each request at its end. To open one again costs more than
most statements: SQLite reads the whole schema anew. PostgreSQL has psycopg's pool for that; SQLite has none in Django.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from sqlite3 import Connection

#: Device and number of a file: no other file has that number as long as somebody holds this one open.
File = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    connection: Connection
    #: What it was opened on.
    file: File


@dataclass(slots=True)
class KeptConnections:
    """None are kept unless a process that serves says so: others want the file to be free once they closed it."""

    most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _idle: list[Kept] = field(default_factory=list)

    @contextlib.contextmanager
    def keeping(self, most: int) -> Iterator[None]:
        """At most `most` are kept while the block runs, and none any longer."""
        self.most = most
        try:
            yield
        finally:
            self.most = 0
            with self._lock:
                idle, self._idle = self._idle, []
            _close(idle)

    def take(self, path: str) -> Kept | None:
        """One to the file that lies at `path` now: another may have been put in its place."""
        if not self._idle or (file := identity(path)) is None:
            return None
        with self._lock:
            fitting = [one for one in self._idle if one.file == file]
            gone = [one for one in self._idle if one.file != file]
            found = fitting.pop() if fitting else None
            self._idle = fitting
        _close(gone)
        return found

    def keep(self, connection: Connection, file: File | None) -> bool:
        """Whether `connection`, which was opened on `file`, is kept; else its owner closes it."""
        if file is None or connection.in_transaction:
            return False
        with self._lock:
            if len(self._idle) >= self.most:
                return False
            self._idle.append(Kept(connection, file))
        return True


def _close(kept: list[Kept]) -> None:
    for one in kept:
        one.connection.close()


def identity(path: str) -> File | None:
    """Which file lies at `path`; None where none does."""
    with contextlib.suppress(OSError):
        told = os.stat(path)
        return told.st_dev, told.st_ino
    return None


KEPT = KeptConnections()
