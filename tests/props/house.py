"""The database of one worker and where runs begin from: rooms on air, made once by the real services and relay.

A run copies the file and restores the sandbox, so it begins where the template ended, to the second.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

#: What a run can have: SoftSugar, MetaStudio, MetaStudio without its command channel.
CASTS = ("S", "M", "N", "SM", "SS", "SN", "MM", "SSM", "SMM")
#: A round of a relay costs a course more than all else, and there is one a second only for what nobody was told of:
#: seconds between rounds and between listings.
SELDOM = (5.0, 10.0)
AS_SET = (1.0, 5.0)
"""As `settings.py` has them, where seconds count."""


def set_up(folder: Path) -> None:
    """Django on a database file in `folder`, and a new schema in it where there is none. Call it once, first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # one thread plays all of them
    os.environ["TALKBACK_VAR"] = str(folder / "var")
    os.environ["TALKBACK_SQLITE"] = str(folder / f"talkback-{os.getpid()}.sqlite3")
    os.environ["TALKBACK_PUBLIC_URL"] = "http://127.0.0.1:8180"
    os.environ["TALKBACK_LOCAL_HOSTS"] = "127.0.0.1"
    import django
    from django.conf import settings
    from django.db import connections

    from tests.props.quick import remember_columns
    from tests.props.statements import remember_statements

    # Crashes are of processes, above the file: no run loses power. WAL and IMMEDIATE stay.
    settings.DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    remember_columns()
    remember_statements()
    logging.getLogger().handlers.clear()
    # The greenlets of one loop share one connection: they change only where no transaction is open.
    connections._connections = SimpleNamespace()  # type: ignore[attr-defined]
    settings.SWEEP_EVERY_S, settings.POLL_EVERY_S = SELDOM
    schema = folder / "schema.sqlite3"
    if not schema.exists():
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        keep(schema)


def database() -> Path:
    return Path(os.environ["TALKBACK_SQLITE"])


def keep(path: Path) -> None:
    """Copy the present database there, whole."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copyfile(database(), path)


def put(path: Path) -> None:
    """Let the database be what was kept there."""
    from django.db import connection

    assert not connection.in_atomic_block, "a run ended in the middle of a transaction"
    connection.close()
    for rest in ("", "-wal", "-shm"):
        Path(f"{database()}{rest}").unlink(missing_ok=True)
    shutil.copyfile(path, database())


@dataclass(frozen=True, slots=True)
class Template:
    """Where runs with one cast begin. `jobs` are in the cast's order."""

    database: Path
    world: str
    began_s: float
    jobs: tuple[int, ...]


def save_template(folder: Path, cast: str, world: dict[str, Any], began_s: float, jobs: list[int]) -> None:
    keep(folder / f"cast-{cast}.sqlite3")
    told = {"world": world, "began_s": began_s, "jobs": jobs}
    (folder / f"cast-{cast}.json").write_text(json.dumps(told, ensure_ascii=False))


_known: dict[str, Template] = {}


def template(folder: Path, cast: str) -> Template:
    if cast not in _known:
        told = json.loads((folder / f"cast-{cast}.json").read_text())
        _known[cast] = Template(
            folder / f"cast-{cast}.sqlite3",
            json.dumps(told["world"]),
            told["began_s"],
            tuple(told["jobs"]),
        )
    return _known[cast]


@contextlib.contextmanager
def folder_of_this_run():  # type: ignore[no-untyped-def]
    path = Path(tempfile.mkdtemp(prefix="talkback-props-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def same_hashes() -> None:
    """Sets of texts must come in the same order each time: start again with a fixed hash seed where it is not."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.props", *sys.argv[1:]])
