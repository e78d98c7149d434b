"""Backups of the SQLite mode: one compressed file with the database, the clips, and what tells whether they are whole.

The database is read in one transaction by SQLite's own backup, so writers go on and the copy is of one moment.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from dashboard.lib import clock, shapes

FORMAT = 1
DATABASE, MANIFEST = "talkback.sqlite3", "manifest.json"
KEY_FILES = {"secret-key": "SECRET_KEY", "encryption-keys": "ENCRYPTION_KEYS"}
CLIPS = "clips/"
PAGES_AT_ONCE = 512


class Damaged(Exception):
    """The file is no backup, or not as it was written; the message says what is wrong."""


class Part(msgspec.Struct, frozen=True):
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    format: int
    made_at: str
    #: The migrations that the database has had, as "app.name".
    schema: list[str]
    #: Of the encryption keys, so that a restore can tell whether the stored secrets can be read.
    keys: list[str]
    parts: dict[str, Part]


def write(target: Path, *, with_keys: bool, with_clips: bool) -> Manifest:
    """Write a backup; the file is there only when it is whole. Raises `OSError` and `sqlite3.Error`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        copy_database(Path(settings.DATABASES["default"]["NAME"]), folder / DATABASE)
        found = {DATABASE: folder / DATABASE}
        if with_keys:
            found |= _write_keys(folder)
        if with_clips and settings.CLIPS_DIR.is_dir():
            clips = sorted(path for path in settings.CLIPS_DIR.rglob("*") if path.is_file())
            found |= {CLIPS + str(path.relative_to(settings.CLIPS_DIR)): path for path in clips}
        manifest = Manifest(
            format=FORMAT,
            made_at=clock.now().isoformat(timespec="seconds"),
            schema=schema_of(folder / DATABASE),
            keys=fingerprints(),
            parts={part: Part(path.stat().st_size, digest(path)) for part, path in found.items()},
        )
        (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        packed = folder / "packed"
        with open(packed, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                for part, path in {MANIFEST: folder / MANIFEST, **found}.items():
                    tar.add(path, arcname=part, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(packed, target)
    return manifest


def copy_database(source: Path, target: Path) -> None:
    """A copy of one moment, while others write. In one reading transaction: else each write would start it anew."""
    with contextlib.closing(_open(source)) as reading, contextlib.closing(sqlite3.connect(target)) as copy:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(copy, pages=PAGES_AT_ONCE, sleep=0.001)
        reading.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")
        require_whole(copy)


def require_whole(database: sqlite3.Connection) -> None:
    """Raise `Damaged` where SQLite finds the file broken, or a row that points nowhere."""
    if (said := database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
        raise Damaged(f"SQLite says: {said}")
    if row := database.execute("PRAGMA foreign_key_check").fetchone():
        raise Damaged(f"a row of {row[0]} points to one of {row[2]} that is not there")


def schema_of(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return sorted(f"{app}.{name}" for app, name in database.execute("SELECT app, name FROM django_migrations"))


def unknown_to_us(schema: list[str]) -> list[str]:
    """Migrations that this code does not have: the database is newer."""
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = set(migrations) | {old for migration in migrations.values() for old in migration.replaces}
    return [name for name in schema if tuple(name.split(".", 1)) not in known]


def fingerprints() -> list[str]:
    return [fingerprint(key) for key in settings.ENCRYPTION_KEYS]


def fingerprint(key: str) -> str:
    return hashlib.sha256(b"fingerprint " + key.encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_keys(folder: Path) -> dict[str, Path]:
    made: dict[str, Path] = {}
    for name, setting in KEY_FILES.items():
        value = getattr(settings, setting)
        made[name] = folder / name
        made[name].write_text(value if isinstance(value, str) else "\n".join(value), encoding="utf-8")
    return made


def _open(path: Path) -> sqlite3.Connection:
    """Never makes a file where there is none."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=5)


# ---------------------------------------------------------------------------------------------------------- reading it


@contextlib.contextmanager
def unpacked(source: Path, beside: Path) -> Iterator[tuple[Manifest, Path]]:
    """Manifest and folder of a backup, each part checked; the folder is on the disk of `beside`."""
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=beside) as name:
        folder = Path(name)
        try:
            with tarfile.open(source, "r:gz") as tar:
                tar.extractall(folder, filter="data")
            manifest = shapes.decode((folder / MANIFEST).read_bytes(), Manifest)
        except (tarfile.TarError, zlib.error, EOFError, OSError, *shapes.UNREADABLE) as error:
            raise Damaged(f"{source} is not a whole backup of Talkback ({error}).") from None
        if manifest.format != FORMAT:
            raise Damaged(f"{source} has the form {manifest.format}; this Talkback reads {FORMAT}.")
        _check(source, manifest, folder)
        yield manifest, folder


def _check(source: Path, manifest: Manifest, folder: Path) -> None:
    for part, expected in manifest.parts.items():
        path = folder / part
        if not path.is_file() or path.stat().st_size != expected.size or digest(path) != expected.sha256:
            raise Damaged(f"{part} in {source} is not what was written.")
    if DATABASE not in manifest.parts:
        raise Damaged(f"{source} holds no database.")
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as database:
        require_whole(database)
