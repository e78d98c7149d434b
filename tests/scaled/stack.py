"""Talkback on one machine as a fleet runs it: PostgreSQL, Redis, consoles, relays, a worker, the sandbox.

The servers come from wheels of the test requirements (see tests/postgres/server.py and tests/redis/server.py).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg

from tests.postgres.server import own_database, postgres
from tests.redis.server import RedisServer, redis_server

ROOT = Path(__file__).resolve().parent.parent.parent
START_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0


class Fleet:
    """`processes` by name: sandbox, web-1, web-2, relay-1, relay-2, worker, demo. Each can be stopped and started."""

    def __init__(self, folder: Path, ports: dict[str, int], database_url: str, redis: RedisServer) -> None:
        self.folder, self.ports, self.redis, self.database_url = folder, ports, redis, database_url
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TALKBACK_")},
            "TALKBACK_VAR": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
            "TALKBACK_POSTGRES_POOL": "12",
            "TALKBACK_PUBLIC_URL": self.url("web-1"),
            "TALKBACK_LOCAL_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        }

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    # -- processes ---------------------------------------------------------------------------------------------------

    def start_all(self) -> None:
        self.manage("migrate", "-v", "0")
        self.start_sandbox()
        for name in ("relay-1", "relay-2"):
            self.start_relay(name)
        for name in ("web-1", "web-2"):
            self.start_web(name)
        self.start_worker()
        self.answers("web-1", "web-2")
        self.start_demo()

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)

    def start_sandbox(self) -> None:
        folder = str(self.folder / "sandbox")
        self._start("sandbox", "-m", "dashboard.sandbox", "--port", str(self.ports["sandbox"]), "--folder", folder)
        self._until(lambda: _status(self.url("sandbox") + "/sandbox/credentials") == 200, "sandbox")

    def start_web(self, name: str) -> None:
        self._start(name, "manage.py", "web", "--port", str(self.ports[name]))

    def start_relay(self, name: str) -> None:
        self._start(name, "manage.py", "relay", TALKBACK_RELAY_LISTEN=f"127.0.0.1:{self.ports[name]}")

    def start_worker(self) -> None:
        self._start("worker", "manage.py", "worker")
        self._until(lambda: " runs" in self.log("worker"), "worker")

    def start_demo(self) -> None:
        ports = ["--port", str(self.ports["web-1"]), "--sandbox-port", str(self.ports["sandbox"])]
        self._start("demo", "manage.py", "demo", *ports)
        self._until(lambda: "on air at" in self.log("demo"), "demo")

    def answers(self, *names: str) -> None:
        for name in names:
            self._until(lambda name=name: _status(self.url(name) + "/sign-in") == 200, name)

    def _start(self, name: str, *arguments: str, **environment: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches this program alone, which ends them in order
            )

    def stop(self, name: str, *, hard: bool = False) -> float:
        """Seconds until it was gone."""
        process, began = self.processes.pop(name), time.monotonic()
        process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return time.monotonic() - began

    def stop_all(self) -> None:
        for name in ("demo", "worker", "web-1", "web-2", "relay-1", "relay-2", "sandbox"):
            if name in self.processes:
                self.stop(name)

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _until(self, seen: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while not seen():
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not answer:\n{self.log(name)[-3000:]}")
            time.sleep(0.05)

    # -- what is true ------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Read the consoles' database, beside them."""
        with psycopg.connect(self.database_url) as database:
            return list(database.execute(query, values).fetchall())  # type: ignore[call-overload]

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as database:
            database.execute(statement)  # type: ignore[call-overload]


def _status(url: str) -> int:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, trust_env=False, timeout=5).status_code
    return 0


@contextlib.contextmanager
def fleet(folder: Path, ports: dict[str, int]) -> Iterator[Fleet]:
    """All of it, while the block runs. `ports` names those of sandbox, web-1, web-2, relay-1 and relay-2."""
    # A database of its own: what another fleet left in one is encrypted with that one's keys.
    with postgres() as server, own_database(server) as database_url, redis_server() as redis:
        running = Fleet(folder, ports, database_url, redis)
        try:
            running.start_all()
            yield running
        finally:
            running.stop_all()
