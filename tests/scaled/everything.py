"""`make test-scaled`: the tests of `make test` on PostgreSQL and Redis, which are started here and gone afterwards.

Arguments are pytest's, as `make test-scaled TESTS=tests/flows`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent


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
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.exit(main(sys.argv[1:]))
