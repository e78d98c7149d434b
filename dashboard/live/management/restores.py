"""Puts a backup in place of the database. What was there before is kept beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from django.conf import settings
from django.db import connections

from dashboard.lib import clock
from dashboard.lib.running import StillRunning, nobody_else
from dashboard.live.management import backups
from dashboard.live.management.backups import CLIPS, DATABASE, KEY_FILES, Manifest
from dashboard.live.management.stale import lay_to_rest


class Refused(Exception):
    """Nothing was changed; the message says why, and what to do."""


def restore(source: Path, *, lose_secrets: bool) -> tuple[Manifest, Path | None]:
    """What was restored, and where the database of before lies now. Raises `Refused`, `Damaged`, `StillRunning`."""
    place = Path(settings.DATABASES["default"]["NAME"])
    with backups.unpacked(source, place.parent) as (manifest, folder):
        if newer := backups.unknown_to_us(manifest.schema):
            raise Refused(
                f"{source} was made by a newer Talkback ({newer[-1]} is not known here)."
                " Install that version, then restore."
            )
        _require_keys(manifest, lose_secrets=lose_secrets)
        connections["default"].close()
        with nobody_else():
            _require_unused(place)
            lay_to_rest(folder / DATABASE, clock.now())
            return manifest, _put(manifest, folder, place)


def _require_keys(manifest: Manifest, *, lose_secrets: bool) -> None:
    if "encryption-keys" in manifest.parts or set(manifest.keys) & set(backups.fingerprints()) or lose_secrets:
        return
    raise Refused(
        "The backup was made with other encryption keys and does not hold them: no vendor account could be read."
        " Put its keys into TALKBACK_ENCRYPTION_KEYS, or restore with --lose-secrets and enter all credentials anew."
    )


def _require_unused(place: Path) -> None:
    """Also by what is not Talkback. Afterwards all of it is in the one file: nothing is left beside it."""
    if not place.exists():
        return
    with contextlib.closing(sqlite3.connect(place, timeout=1)) as database:
        try:
            database.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            raise StillRunning from None
        except sqlite3.DatabaseError:
            return  # broken: a reason to restore, not to refuse


def _put(manifest: Manifest, folder: Path, place: Path) -> Path | None:
    stamp = f"{clock.now():%Y%m%d-%H%M%S}"
    for part in manifest.parts:
        if part.startswith(CLIPS):
            target = settings.CLIPS_DIR / part.removeprefix(CLIPS)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(folder / part, target)
        elif part in KEY_FILES and not _is_there(folder / part, Path(settings.VAR_DIR) / part):
            _put_beside(folder / part, Path(settings.VAR_DIR) / part, stamp)
    for rest in ("-wal", "-shm"):  # of a broken file; of a whole one there are none any more
        Path(f"{place}{rest}").unlink(missing_ok=True)
    return _put_beside(folder / DATABASE, place, stamp)


def _is_there(new: Path, place: Path) -> bool:
    return place.exists() and place.read_bytes().split() == new.read_bytes().split()


def _put_beside(new: Path, place: Path, stamp: str) -> Path | None:
    """Put `new` at `place` in one step; where what was there lies now."""
    before = place.with_name(f"{place.name}.before-{stamp}") if place.exists() else None
    if before is not None:
        before.unlink(missing_ok=True)
        os.link(place, before)
    with open(new, "rb") as file:
        os.fchmod(file.fileno(), 0o600)
        os.fsync(file.fileno())
    os.replace(new, place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return before
