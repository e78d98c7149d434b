"""The fault suite in short: `make faults` is the whole of it (docs/faults.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
AT_MOST_S = 400
ROOMS = 4


def test_processes_servers_sockets_and_vendors_fail_and_nothing_is_lost_or_said_twice() -> None:
    elsewhere = ("TALKBACK_", "DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--short", "--rooms", str(ROOMS)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=AT_MOST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
