"""A whole Talkback of its own: `manage.py talkback --demo` on free ports, its `var/` in a temporary folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx
from table import ROOT

sys.path.insert(0, str(ROOT))

PASSWORD = "on-air-tonight"
ADMIN = "ada@demo.talkback.test"
TEAM = "demo"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    # Each page stands for an operator of its own, who looks at it: none may run at a background tab's priority.
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
]


def clean_environment(folder: Path) -> dict[str, str]:
    """This machine's environment without any setting of Talkback's own; modules are compiled once, as by default."""
    ours = ("TALKBACK_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "TALKBACK_VAR": str(folder)}


class Stack:
    """`with Stack() as stack:` runs it; `http` is signed in as the demo's admin, `sandbox` is the control API."""

    def __init__(self, wrap: tuple[str, ...] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="talkback-bench-"))
        self.port, self.sandbox_port = free_port(), free_port()
        self.url, self.sandbox_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.sandbox_port}"
        self.http = httpx.Client(base_url=self.url, timeout=15.0, trust_env=False)
        self.sandbox = httpx.Client(base_url=self.sandbox_url, timeout=15.0, trust_env=False)
        self._wrap = wrap
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""

    # -- life --------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._start()
            self.sign_in()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        arguments = ["--demo", "--port", str(self.port), "--sandbox-port", str(self.sandbox_port)]
        self._log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen(
            [*(self._wrap or (sys.executable,)), "manage.py", "talkback", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait(self._is_up, "the console answers and the demo team is there", 40)

    def environment(self) -> dict[str, str]:
        """Of its processes, and of those that look at its database beside them."""
        return clean_environment(self.folder)

    def stop(self) -> None:
        self.http.close()
        self.sandbox.close()
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)  # its own session: a profiler around it ends too
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def pids(self) -> list[int]:
        """Of the console's processes, without the sandbox."""
        return [self.pid]

    def consoles(self) -> list[str]:
        """Addresses at which pages may be opened: those of each console."""
        return [self.url]

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("the stack ended at once:\n" + self.log())
        try:
            self.http.get("/sign-in").raise_for_status()
        except httpx.HTTPError:
            return False
        return "on air at" in self.log()

    def wait(self, seen: Callable[[], Any], what: str, within: float = 30.0) -> Any:
        deadline = time.monotonic() + within
        while not (value := seen()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {within} s: {what}\n{self.log()[-3000:]}")
            time.sleep(0.05)
        return value

    # -- what people do ----------------------------------------------------------------------------------------------

    def sign_in(self, email: str = ADMIN) -> None:
        page = self.http.get("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise RuntimeError("the sign-in page has no token")
        fields = {"csrfmiddlewaretoken": token[1], "username": email, "email": email, "password": PASSWORD}
        answer = self.http.post("/sign-in", data=fields)
        if answer.status_code != 302:
            raise RuntimeError(f"sign-in answered {answer.status_code}")
        self._token = self.http.get("/csrf").json()["token"]

    def cookies(self) -> list[dict[str, str]]:
        """For a browser's context: the same person."""
        return [{"name": cookie.name, "value": cookie.value or "", "url": self.url} for cookie in self.http.cookies.jar]

    def post(self, path: str, **fields: str) -> httpx.Response:
        headers = {"X-CSRFToken": self._token, "HX-Request": "true", "X-Confirmed": "1"}  # pressed twice where asked to
        return self.http.post(f"/t/{TEAM}/{path}", data=fields, headers=headers)

    def start_room(self, code: str) -> bool:
        return self.post(f"rooms/{code}/start", key=uuid.uuid4().hex).status_code < 300

    def say(self, code: str, text: str, mode: str = "append") -> httpx.Response:
        return self.post(f"rooms/{code}/takeovers/", text=text, mode=mode, key=uuid.uuid4().hex)

    def fault(self, kind: str, **fields: Any) -> None:
        self.sandbox.post("/sandbox/faults", json={"kind": kind, **fields}).raise_for_status()

    # -- what is there -----------------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder / 'talkback.sqlite3'}?mode=ro", uri=True, timeout=10) as database:
            return database.execute(sql, values).fetchall()

    def rooms(self) -> dict[str, int]:
        return dict(self.rows("SELECT code, id FROM rooms_room ORDER BY id"))

    def live_rooms(self) -> dict[str, str]:
        """Code → the vendor's reference, of rooms whose job is on air and, where there is one, whose channel is up."""
        return dict(
            self.rows(
                "SELECT room.code, job.vendor_ref FROM jobs_job job JOIN rooms_room room ON room.id = job.room_id"
                " WHERE job.ended_at IS NULL AND job.state = 'live' AND job.link = 'up'"
            )
        )

    def fill_up_to(self, rooms: int) -> None:
        """So many rooms: more like those of the demo, of both vendors, off air."""
        command = [sys.executable, str(ROOT / "bench" / "more_rooms.py"), str(rooms - len(self.rooms()))]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode()[-2000:])

    def put_all_on_air(self) -> dict[str, str]:
        """Start each room that is off, as a person would; the vendor may still be taking a new room in."""
        codes = list(self.rooms())

        def all_live() -> dict[str, str] | None:
            live = self.live_rooms()
            for code in set(codes) - set(live):
                self.start_room(code)  # one that starts already is refused, which is fine
                time.sleep(0.1)
            return live if len(live) == len(codes) else None

        return dict(self.wait(all_live, "all rooms are on air", 60))

    def set_audience(self, events_per_s: float, *, speed: float) -> None:
        """Share `events_per_s` (real seconds) among all crowds; crowds live in world time, which runs at `speed`."""
        crowds = self.sandbox.get("/sandbox/audience").json()
        for crowd in crowds:
            rate = events_per_s / speed / len(crowds)
            body = {"job": crowd["job"], "url": crowd["url"], "seed": crowd["seed"], "rate_per_s": rate}
            self.sandbox.put("/sandbox/audience", json=body).raise_for_status()

    def cpu_s(self) -> float:
        """Processor seconds so far of the console's processes and of those that make its fragments."""
        pids = self.pids()
        found = (
            _ticks(stat)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if any(_is_of(stat, pid) for pid in pids) and b"dashboard.sandbox" not in _read(stat.with_name("cmdline"))
        )
        return sum(found) / os.sysconf("SC_CLK_TCK")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile
        return b""


def _fields(stat: Path) -> list[bytes]:
    return _read(stat).rsplit(b")", 1)[-1].split()


def _is_of(stat: Path, pid: int) -> bool:
    """Whether that process is `pid` or a child of it."""
    return stat.parent.name == str(pid) or _fields(stat)[1:2] == [str(pid).encode()]


def _ticks(stat: Path) -> int:
    fields = _fields(stat)
    return int(fields[11]) + int(fields[12]) if len(fields) > 12 else 0
