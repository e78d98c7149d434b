"""Whether Talkback runs on a SQLite file: every process that serves holds a shared lock beside it.

The system lets go of the lock with the process, however that ends. PostgreSQL needs none of this.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class StillRunning(Exception):
    """Another process of Talkback uses this database."""


@contextlib.contextmanager
def serving() -> Iterator[None]:
    """This process uses the database while the block runs. Raises `StillRunning` while it is being replaced."""
    with _locked(fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def nobody_else() -> Iterator[None]:
    """No process of Talkback uses the database, and none begins to while the block runs; else `StillRunning`."""
    with _locked(fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def _locked(kind: int) -> Iterator[None]:
    path = _path(connections["default"])
    if path is None:
        yield
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StillRunning from None
        yield


def _path(connection: BaseDatabaseWrapper) -> Path | None:
    if connection.vendor != "sqlite":
        return None
    return Path(f"{connection.settings_dict['NAME']}.running")
