"""`make test-scaled`: the tests of `make test` on PostgreSQL and Redis, which are started here and gone afterwards.

Arguments are pytest's, as `make test-scaled TESTS=tests/flows`; without any all are run. What is
about SQLite itself (`tests/props`, `tests/keeping`, a full disk) makes its own database here, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
#: The server goes with its data; threads that still hold a connection would be in the way of dropping it before.
KEEP = ("--create-db", "--reuse-db")
#: In processes of their own: Playwright's event loop must not share one with the asyncio tests.
ALL = (
    ("tests", "--ignore=tests/browser", "-n", "2", "--dist", "worksteal"),
    ("tests/browser", "-n", "2", "--dist", "loadfile"),
)


def main(arguments: list[str]) -> int:
    django.setup()
    from tests.postgres.server import postgres
    from tests.redis.server import redis_server

    with postgres() as database_url, redis_server() as redis:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "TALKBACK_TEST_POSTGRES": database_url,
            "REDIS_URL": redis.url,
        }
        runs = [tuple(arguments)] if arguments else ALL
        return max(_run(tests, environment) for tests in runs)


def _run(tests: tuple[str, ...], environment: dict[str, str]) -> int:
    """What fails beside others is run once more by itself, as `dev.py` does it."""
    command = [sys.executable, "-m", "pytest", *tests, *KEEP]
    first = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if first != 1 or "-n" not in tests:
        return first
    again = [sys.executable, "-m", "pytest", *tests[: tests.index("-n")], *KEEP, "--last-failed"]
    return subprocess.run(again, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.exit(main(sys.argv[1:]))
