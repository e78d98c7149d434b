"""The essential tests once more as a fleet runs them, on PostgreSQL and Redis; `make test-scaled` runs all of them.

What people do with takeovers, fifty of them on one queue, the intake and its log, leases, starts, one job of each
vendor from its start to its end, a relay that dies with a sentence claimed, background tasks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.postgres.server import postgres
from tests.redis.server import redis_server

#: Minutes on a busy machine; it ends by itself long before.
AT_MOST_S = 900
#: The server goes with its data; threads that still hold a connection would be in the way of dropping it before.
KEEP = ("--create-db", "--reuse-db")


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with redis_server() as server:
        yield server.url


#: Of the takeovers what locks, moves and versions rows; the rest of that folder is words and reckoning.
ESSENTIAL = """
tests/apps/takeover/test_services.py tests/apps/takeover/test_moves.py tests/apps/takeover/test_approval.py
tests/apps/takeover/test_undo.py tests/apps/takeover/test_floor.py tests/apps/takeover/test_pause.py
tests/apps/takeover/test_ledger.py tests/apps/takeover/test_said_into_silence.py
tests/apps/intake tests/apps/events tests/apps/jobs/test_services.py tests/apps/live/test_leases.py
tests/apps/vendors/test_outbox.py tests/apps/live/test_retention.py tests/apps/live/test_worker.py
"""
LIVE = """
tests/flows/test_once.py tests/flows/test_one_job.py
tests/flows/test_relay_dies.py::test_killed_between_claim_and_send tests/flows/test_fifty_operators.py
"""


@pytest.mark.parametrize("tests", [ESSENTIAL, LIVE], ids=["essential", "live"])
def test_on_postgresql_and_redis(database_url: str, redis_url: str, tests: str) -> None:
    """In a process of its own: the database is chosen when settings are read."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests.split(), "-q", "-p", "no:xdist", *KEEP],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=AT_MOST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
