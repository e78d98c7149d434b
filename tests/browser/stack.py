"""A whole Talkback as people run it: sandbox, console and relay in processes of their own, on ports of their own."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from django.conf import settings
from psycopg import sql

from dashboard.audience.addresses import intake_path

ROOT = Path(settings.BASE_DIR)
START_WITHIN_S = 40.0
SPEED = 6
#: What seed.py told, in the folder that it seeded.
TOLD = "told.json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_database(folder: Path) -> dict[str, str]:
    """On the PostgreSQL that the environment names a database of this stack's own; else its SQLite file will do.

    It begins as the one that the seeded folder was made with.
    """
    if not (url := os.environ.get("DATABASE_URL")):
        return {}
    name, told = f"stack_{uuid.uuid4().hex[:12]}", folder / "database"
    template = told.read_text() if told.exists() else "template1"
    told.write_text(name)
    with psycopg.connect(url, autocommit=True) as server:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        server.execute(made)
    return {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}


def until(seen: Callable[[], Any], what: str, within: float) -> Any:
    """What `seen` returns as soon as it is true."""
    deadline = time.monotonic() + within
    while True:
        if value := seen():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.05)


class Stack:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # One each: what a client knows of certificates costs more to read than a question takes.
        at_once_closed = httpx.Limits(max_keepalive_connections=0)  # consoles end and start anew behind it
        self.web = httpx.Client(base_url=self.url, trust_env=False, timeout=10, limits=at_once_closed)
        self.control = httpx.Client(base_url=f"http://127.0.0.1:{self.sandbox_port}", trust_env=False, timeout=10)
        self.logins: dict[str, Any] = {}
        """By address, the cookies of who signed in first."""
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "TALKBACK_VAR": str(folder),
            "TALKBACK_SQLITE": str(folder / "talkback.sqlite3"),
            "TALKBACK_SECRET_KEY": settings.SECRET_KEY,  # so that the tests can sign the audience's address
            "TALKBACK_PUBLIC_URL": self.url,
            "TALKBACK_LOCAL_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            **own_database(folder),
        }

    # -- processes ---------------------------------------------------------------------------------------------------

    def start_sandbox(self) -> dict[str, str]:
        """Its credentials."""
        folder = self.folder / "sandbox"
        self._run(
            "sandbox", "-m", "dashboard.sandbox", "--port", str(self.sandbox_port), "--folder", str(folder), "--quiet"
        )
        self._answers("sandbox", lambda: self.control.get("/sandbox/credentials"))
        self.speed(SPEED)
        return dict(self.control.get("/sandbox/credentials").json())

    def seed(self, credentials: dict[str, str]) -> None:
        wish = {"base_url": f"http://127.0.0.1:{self.sandbox_port}", "credentials": credentials}
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.seed"],
            cwd=ROOT,
            env=self.environment,
            input=json.dumps(wish).encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        (self.folder / TOLD).write_bytes(done.stdout)

    def move_in(self, *, channel: bool) -> None:
        """A seeded folder was copied to here: its accounts are on this stack's sandbox."""
        self.execute("UPDATE vendors_vendoraccount SET base_url = ?", f"http://127.0.0.1:{self.sandbox_port}")
        if not channel:
            is_postgres = "DATABASE_URL" in self.environment
            without = "capabilities || '{\"command_channel\": false}'::jsonb"
            set_to = without if is_postgres else "json_set(capabilities, '$.command_channel', json('false'))"
            self.execute(f"UPDATE vendors_vendoraccount SET capabilities = {set_to} WHERE vendor = ?", "metastudio")

    def call_back(self) -> None:
        """Tell the sandbox where this stack's console hears its reports."""
        told = json.loads((self.folder / TOLD).read_bytes())
        body = {"vendor": "softsugar", "url": self.url + told["callback_path"], "auth_key": told["callback_key"]}
        self.control.put("/sandbox/callbacks", json=body).raise_for_status()

    def start_console(self, *, relay: bool = True) -> None:
        self._run("console", "manage.py", "talkback", "--port", str(self.port), *([] if relay else ["--no-relay"]))
        self._answers("console", lambda: self.web.get("/sign-in"))

    def start_relay(self) -> None:
        self._run("relay", "manage.py", "relay")

    def _run(self, name: str, *arguments: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def _answers(self, name: str, ask: Callable[[], httpx.Response]) -> None:
        def answered() -> bool:
            if self.processes[name].poll() is not None:
                raise AssertionError(f"{name} ended by itself:\n{self.log(name)}")
            with contextlib.suppress(httpx.HTTPError):
                return ask().status_code == 200
            return False

        until(answered, f"{name} answers", START_WITHIN_S)

    def end(self, name: str, *, hard: bool = False) -> None:
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def close(self) -> None:
        for name in ("console", "relay", "sandbox"):
            self.end(name)
        self.control.close()
        self.web.close()

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""

    # -- what is true ------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the console's database, beside the console."""
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url) as server:
                return server.execute(query.replace("?", "%s"), values).fetchall()  # type: ignore[call-overload]
        with contextlib.closing(sqlite3.connect(self.folder / "talkback.sqlite3", timeout=5)) as database:
            return database.execute(query, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(statement.replace("?", "%s"), values)  # type: ignore[call-overload]
            return
        with contextlib.closing(sqlite3.connect(self.folder / "talkback.sqlite3")) as database, database:
            database.execute(statement, values)

    def room_id(self, code: str) -> int:
        return int(self.rows("SELECT id FROM rooms_room WHERE code = ?", code)[0][0])

    def audible(self, words: str) -> list[dict[str, Any]]:
        """How often the sandbox made `words` audible: its own record is the judge."""
        return [row for row in self.control.get("/sandbox/audible").json()["heard"] if words in row["text"]]

    # -- what happens ------------------------------------------------------------------------------------------------

    def audience(self, code: str, *, rate_per_s: float) -> None:
        """People come to the running job of `code`; rate 0 sends them home."""
        slug, ref = self.rows(
            "SELECT intake_slug, vendor_ref FROM jobs_job WHERE room_id = ? ORDER BY id DESC", self.room_id(code)
        )[0]
        url = self.url + intake_path(SimpleNamespace(intake_slug=slug))  # type: ignore[arg-type]
        body = {"job": ref, "url": url, "rate_per_s": rate_per_s, "seed": 1}
        self.control.put("/sandbox/audience", json=body).raise_for_status()

    def comment(self, code: str, text: str, *, user: str = "Anna") -> None:
        """One comment, as a capture tool reports it."""
        ((job_id, slug),) = self.rows(
            "select j.id, j.intake_slug from jobs_job j join rooms_room r on r.id = j.room_id"
            " where r.code = ? order by j.id desc limit 1",
            code,
        )
        content = json.dumps({"user": {"name": user}, "content": text}, ensure_ascii=False)
        event = {"timestamp": int(time.time() * 1000), "type": 1, "content": content}
        path = intake_path(SimpleNamespace(intake_slug=slug, pk=job_id))
        self.web.post(path, json={"total": 1, "events": [event]}).raise_for_status()

    def speed(self, speed: float) -> None:
        """How fast the vendors prepare and speak; their protocols' timers stay real."""
        if "sandbox" in self.processes:
            self.control.put("/sandbox/clock", json={"speed": speed}).raise_for_status()

    def fault(self, kind: str, **fields: Any) -> None:
        self.control.post("/sandbox/faults", json={"kind": kind, **fields}).raise_for_status()

    def clear_faults(self) -> None:
        self.control.delete("/sandbox/faults").raise_for_status()


def seeded(folder: Path) -> Path:
    """A folder with the demo's team and its sandbox's keys, made by whichever process of this run comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "stack"
    with open(folder / "lock", "w", encoding="utf-8") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (made / TOLD).exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            stack = Stack(made)
            try:
                stack.seed(stack.start_sandbox())
            finally:
                stack.close()
    return made


@contextlib.contextmanager
def running(
    folder: Path, seed: Path, *, sandbox: bool = True, relay: bool = True, channel: bool = True
) -> Iterator[Stack]:
    """A stack in `folder` that begins as `seed` is (`seeded`); without a sandbox nobody listens at its address."""
    shutil.copytree(seed, folder)
    stack = Stack(folder)
    try:
        stack.move_in(channel=channel)
        if sandbox:
            stack.start_sandbox()
            stack.call_back()
        stack.start_console(relay=relay)
        yield stack
    finally:
        stack.close()
