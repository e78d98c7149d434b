"""Archive files of events: one per team and day, JSON Lines, compressed; each event is in them once.

A file is only ever replaced by a longer one that is complete and on the disk. So whatever is cut off, an event is in
the database, in the file, or in both; and what is in both is not written again.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import os
import shutil
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from dashboard.events.models import Event
from dashboard.lib import clock

#: Few enough that nobody else who writes waits for them.
ROWS_AT_ONCE = 200
_COLUMNS = tuple(field.attname for field in Event._meta.concrete_fields)


class Interrupted(Exception):
    """Asked to end in the middle of a file: it is as it was before."""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else archives into `folder` while the block runs: a worker that stood still may wake up again."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def path_of(folder: Path, team: str, day: date) -> Path:
    return folder / team / f"{day:%Y-%m-%d}.jsonl.gz"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a file, as they were; a damaged file raises."""
    with gzip.open(path, "rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line)


def write(path: Path, ids: Sequence[int], pause: Callable[[float], bool]) -> int:
    """Add those events to the file, as far as they are not in it; how many were added. On the disk when it returns.

    Raises `Interrupted` where `pause` says that it is time to end.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = _ids_in(path)
    missing = [pk for pk in ids if not _holds(known, pk)]
    if not missing:
        return 0
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        if known:
            with open(path, "rb") as before:
                shutil.copyfileobj(before, file)
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
            written = sum(packed.write(line) and 1 for line in _lines(missing, pause))
        file.flush()
        os.fsync(file.fileno())
    if len(_ids_in(part)) != len(known) + written:
        raise OSError(f"{part} does not hold what was written to it")
    os.replace(part, path)
    _sync_folder(path.parent)
    return written


def delete(ids: Sequence[int], pause: Callable[[float], bool]) -> int:
    """Delete those events in small steps; the database is free for others at least half of the time."""
    deleted = 0
    for at in range(0, len(ids), ROWS_AT_ONCE):
        began = clock.monotonic()
        deleted += Event.objects.filter(pk__in=ids[at : at + ROWS_AT_ONCE]).delete()[0]
        if pause(max(0.005, clock.monotonic() - began)):
            break
    return deleted


def _lines(ids: Sequence[int], pause: Callable[[float], bool]) -> Iterator[bytes]:
    for at in range(0, len(ids), ROWS_AT_ONCE):
        if pause(0):
            raise Interrupted
        rows = Event.objects.filter(pk__in=ids[at : at + ROWS_AT_ONCE]).order_by("pk")
        for row in rows.values(*_COLUMNS, "sequence__topic"):
            yield msgspec.json.encode({**row, "topic": row.pop("sequence__topic")}) + b"\n"


def _ids_in(path: Path) -> array[int]:
    """Sorted; empty where there is no such file."""
    return array("q", sorted(line["id"] for line in read(path))) if path.exists() else array("q")


def _holds(known: array[int], pk: int) -> bool:
    at = bisect_left(known, pk)
    return at < len(known) and known[at] == pk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
