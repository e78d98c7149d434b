"""`python -m tests.props` as the tests call it: in a process and on a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def props(*arguments: str) -> subprocess.CompletedProcess[str]:
    elsewhere = ("TALKBACK_", "DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
    return subprocess.run(
        [sys.executable, "-m", "tests.props", *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=900,
    )
