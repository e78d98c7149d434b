"""One process on SQLite whose disk is full: nothing is acknowledged that is not kept; it goes on when there is room."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.audience.addresses import intake_path
from tests.browser.stack import Stack, until
from tests.scaled.person import Person


class TightStack(Stack):
    """Its console's database may be told to grow no further."""

    def start_console(self, *, relay: bool = True) -> None:
        self.environment["FULL_DISK"] = str(self.folder / "full")
        self._run("console", "-m", "tests.faults.full_disk", "talkback", "--port", str(self.port))
        self._answers("console", lambda: httpx.get(f"{self.url}/sign-in", trust_env=False))

    def fill(self) -> None:
        with sqlite3.connect(self.folder / "talkback.sqlite3") as database:
            (pages,) = database.execute("PRAGMA page_count").fetchone()
        (self.folder / "full").write_text(str(pages))

    def make_room(self) -> None:
        (self.folder / "full").unlink()


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TightStack]:
    monkeypatch.delenv("DATABASE_URL", raising=False)  # it is about SQLite, whatever the others run on
    made = TightStack(tmp_path)
    try:
        made.seed(made.start_sandbox())
        made.call_back()
        made.start_console()
        yield made
    finally:
        made.close()


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(stack: TightStack) -> None:
    ada = Person(stack.url)
    assert ada.post("rooms/K7Q/start", key=uuid.uuid4().hex).status_code == 204
    rows(stack, "the room is on air", "SELECT id FROM jobs_job WHERE state = 'live' AND link = 'up'")
    stack.fill()
    kept: dict[str, str] = {}
    refused: dict[str, str] = {}
    report = audience(stack)
    deadline = time.monotonic() + 60
    # Free places inside the file's pages are used up first.
    while len(refused) < 3:
        assert time.monotonic() < deadline, f"it is never full: {len(kept)} taken"
        key, text = uuid.uuid4().hex, f"第{len(kept) + len(refused):03}号，{'硬盘满了的时候说的话' * 40}。"
        status = say(ada, key, text)
        (kept if status == 204 else refused)[key] = text
    full = httpx.post(report[0], content=report[1], trust_env=False, timeout=15)
    assert full.status_code in (429, 503), "a report is acknowledged that can't be kept"
    known = {key for (key,) in stack_rows(stack, "SELECT key FROM takeover_takeover WHERE key != ''")}
    assert set(kept) <= known
    assert not set(refused) & known
    stack.make_room()
    again = until(lambda: httpx.post(report[0], content=report[1], trust_env=False).status_code == 200, "room", 20)
    assert again
    for key, text in refused.items():  # the same presses once more
        assert say(ada, key, text) == 204
    known = {key for (key,) in stack_rows(stack, "SELECT key FROM takeover_takeover WHERE key != ''")}
    assert set(refused) <= known
    words = "硬盘又有空间了，这一句最先说。"
    assert say(ada, uuid.uuid4().hex, words, "now") == 204
    until(lambda: len(audible(stack, words)) == 1, "words are heard again", 30)


def say(person: Person, key: str, text: str, mode: str = "append") -> int:
    return person.post("rooms/K7Q/takeovers/", text=text, mode=mode, key=key).status_code


def audience(stack: TightStack) -> tuple[str, str]:
    """Address and body of a report."""
    [(slug,)] = stack_rows(stack, "SELECT intake_slug FROM jobs_job WHERE ended_at IS NULL")
    from dashboard.jobs.models import Job

    events = [{"timestamp": 1_773_000_000_000 + at, "type": 1, "content": "评论" * 800} for at in range(90)]
    return stack.url + intake_path(Job(intake_slug=slug)), json.dumps({"total": len(events), "events": events})


def audible(stack: TightStack, words: str) -> list[dict[str, Any]]:
    return [row for row in stack.control.get("/sandbox/audible").json()["heard"] if row["text"] == words]


def stack_rows(stack: TightStack, query: str) -> list[Any]:
    with sqlite3.connect(stack.folder / "talkback.sqlite3", timeout=5) as database:
        return database.execute(query).fetchall()


def rows(stack: TightStack, what: str, query: str) -> list[Any]:
    found: list[Any] = until(lambda: stack_rows(stack, query), what, 40)
    return found
