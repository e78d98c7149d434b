"""The same tests on PostgreSQL: what people do with takeovers, fifty of them on one queue, background tasks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.postgres.server import postgres

#: Minutes on a busy machine; it ends by itself long before.
AT_MOST_S = 900
#: The server goes with its data; threads that still hold a connection would be in the way of dropping it before.
KEEP = ("--create-db", "--reuse-db")


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.mark.parametrize(
    "tests",
    [
        "tests/apps/takeover",
        "tests/flows/test_fifty_operators.py",
        "tests/apps/live/test_retention.py tests/apps/live/test_worker.py",
    ],
)
def test_on_postgresql(database_url: str, tests: str) -> None:
    """In a process of its own: the database is chosen when settings are read."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests.split(), "-q", "-p", "no:xdist", *KEEP],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=AT_MOST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
