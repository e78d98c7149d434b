"""A console in front of a database that takes every connection and never says a word."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.apps.seeing.test_processes import free_port
from tests.architecture.budgets import ROOT

START_WITHIN_S = 60.0
#: Documented: a second for the look, and the time of this machine's other work.
ANSWER_WITHIN_S = 5.0


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that accepts and is silent."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield int(server.getsockname()[1])
    for line in kept:
        line.close()


@pytest.fixture
def console(mute: int, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("TALKBACK_", "DJANGO_"))}
    variables = {"TALKBACK_VAR": str(tmp_path), "DATABASE_URL": f"postgresql://who:verysecret@127.0.0.1:{mute}/base"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "web", "--port", str(port)],
        cwd=ROOT,
        env={**kept, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_listens(port, process)
        yield url
    finally:
        process.kill()
        process.wait()


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, "the console ended"
            assert time.monotonic() < deadline, "the console does not listen"
            time.sleep(0.05)


def test_probes_are_answered_while_the_database_hangs(console: str) -> None:
    with httpx.Client(base_url=console, timeout=ANSWER_WITHIN_S, trust_env=False) as prober:
        assert prober.get("/healthz").status_code == 200
        for _ in range(3):
            answer = prober.get("/readyz")
            assert answer.status_code == 503
            assert not answer.json()["checks"]["database"]["ok"]
            assert "verysecret" not in answer.text
        text = prober.get("/metrics").text
        assert "talkback_database_up 0.0" in text
        assert "talkback_outbox_commands" not in text
