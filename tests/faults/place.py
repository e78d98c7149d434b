"""The standing fleet of the fault suite: its processes carry fuses, and can be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.process import Fuse
from tests.postgres.server import KEPT, PostgresServer, postgres_server
from tests.redis.server import RedisServer, redis_server
from tests.scaled.stack import Fleet

WEBS, RELAYS, WORKER = ("web-1", "web-2"), ("relay-1", "relay-2"), "worker"
STOPS_WITHIN_S = 5.0
NAMES = (*WEBS, *RELAYS, "sandbox")


class Place(Fleet):
    """A fleet with its servers; `kinds` of process are web, relay and worker."""

    def __init__(self, folder: Path, ports: dict[str, int], postgres: PostgresServer, redis: RedisServer) -> None:
        super().__init__(folder, ports, postgres.url, redis)
        self.postgres = postgres
        self.is_held: set[str] = set()
        self.environment["TALKBACK_LOG_LEVEL"] = "INFO"
        self.environment["PYTHONPATH"] = os.getcwd()

    def fuse(self, name: str) -> Fuse:
        return Fuse(self.folder / f"{name}.fuse")

    def start(self, name: str) -> None:
        kind = kind_of(name)
        if kind == "web":
            self.start_web(name)
        elif kind == "relay":
            self.start_relay(name)
        else:
            self.start_worker()

    def _start(self, name: str, *arguments: str, **environment: str) -> None:
        if arguments[0] == "manage.py" and arguments[1] in ("web", "relay", "worker"):
            fuse = self.fuse(name)
            fuse.put_out()
            arguments, environment["FAULTS_FUSE"] = ("-m", "tests.faults.process", *arguments[1:]), str(fuse.path)
        super()._start(name, *arguments, **environment)

    def start_worker(self) -> None:
        self._start(WORKER, "manage.py", "worker")

    def open(self) -> None:
        """All but the demo: the rooms are made by `house.py`."""
        self.manage("migrate", "-v", "0")
        self.start_sandbox()
        for name in (*RELAYS, *WEBS, WORKER):
            self.start(name)
        self.answers(*WEBS)

    def pid(self, name: str) -> int:
        return self.processes[name].pid

    def is_gone(self, name: str) -> bool:
        return name not in self.processes or self.processes[name].poll() is not None

    def hold(self, name: str, *, by_itself: bool = False) -> None:
        """`by_itself`: its fuse was hit, so it stops in a moment; a second signal might arrive before its own."""
        self.is_held.add(name)
        if not by_itself:
            os.kill(self.pid(name), signal.SIGSTOP)
        deadline = time.monotonic() + STOPS_WITHIN_S
        while _state(self.pid(name)) != "T":
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not stop")
            time.sleep(0.005)

    def go_on(self, name: str) -> None:
        self.is_held.discard(name)
        if not self.is_gone(name):
            os.kill(self.pid(name), signal.SIGCONT)

    def kill(self, name: str) -> None:
        self.is_held.discard(name)
        process = self.processes.pop(name, None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def stop_all(self) -> None:
        for name in [*self.is_held]:
            self.go_on(name)
        super().stop_all()

    def owners(self) -> dict[int, str]:
        """Which process keeps each open job, by the job's number."""
        by_pid = {str(self.pid(name)): name for name in RELAYS if name in self.processes}
        rows = self.rows("SELECT id, owner FROM jobs_job WHERE ended_at IS NULL")
        return {int(str(job)): by_pid.get(str(owner).rsplit(":", 2)[1] if owner else "", "") for job, owner in rows}


def _state(pid: int) -> str:
    """The letter of /proc: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def kind_of(name: str) -> str:
    return name.partition("-")[0]


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_ones:
        probes = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@contextlib.contextmanager
def servers(*, keep: bool = False) -> Iterator[tuple[Path, dict[str, int], PostgresServer, RedisServer]]:
    """What the processes stand on; nothing of Talkback runs yet, and no settings are read."""
    folder = Path(tempfile.mkdtemp(prefix="talkback-faults-"))
    try:
        with postgres_server(KEPT) as postgres, redis_server() as redis:
            yield folder, dict(zip(NAMES, free_ports(len(NAMES)), strict=True)), postgres, redis
    finally:
        if keep:
            print(f"logs: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
