"""Two consoles, two relays, PostgreSQL and Redis: what one does the other shows, and any of them may go."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.browser.stack import free_port
from tests.scaled.person import Person
from tests.scaled.stack import ROOT, Fleet, fleet

NAMES = ("web-1", "web-2", "relay-1", "relay-2", "sandbox")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("fleet"), {name: free_port() for name in NAMES}) as started:
        yield started


@pytest.fixture(scope="module")
def ada(running: Fleet) -> Person:
    return Person(running.url("web-1"))


def until(seen: Callable[[], Any], what: str, within: float) -> Any:
    deadline = time.monotonic() + within
    while not (value := seen()):
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.05)
    return value


def live_room(running: Fleet, vendor: str = "softsugar") -> tuple[str, int]:
    """Code and number of a room that is on air, its channel up."""
    found = until(
        lambda: running.rows(
            "SELECT room.code, room.id FROM jobs_job job JOIN rooms_room room ON room.id = job.room_id"
            " JOIN vendors_vendoraccount account ON account.id = job.account_id WHERE job.ended_at IS NULL"
            " AND job.state = 'live' AND job.link = 'up' AND account.vendor = %s ORDER BY room.id",
            vendor,
        ),
        "a room is on air",
        30,
    )
    return str(found[0][0]), int(found[0][1])


async def test_what_is_done_at_one_console_is_shown_at_the_other_at_once(running: Fleet, ada: Person) -> None:
    code, room = live_room(running)
    async with ada.at(running.url("web-2")).socket(**{f"room_{room}": 0}) as page:
        await page.shows(f"room-bar-{room}", 5)
        words = "这句话在一个控制台说，另一个立刻看到。"
        assert ada.say(code, words).status_code == 204
        assert await page.shows(words, 5) < 0.9  # by the database alone it would be up to a second later


async def test_with_redis_stopped_all_goes_on_a_second_late(running: Fleet, ada: Person) -> None:
    code, room = live_room(running)
    async with ada.at(running.url("web-2")).socket(**{f"room_{room}": 0}) as page:
        await page.shows(f"room-bar-{room}", 5)
        running.redis.stop()
        words = "消息通道停了，这句话照样播出。"
        assert ada.say(code, words).status_code == 204
        await page.shows(words, 5)
        until(lambda: audible(running, words), "it is heard", 30)
        running.redis.start()


def audible(running: Fleet, words: str) -> list[dict[str, Any]]:
    rows = httpx.get(running.url("sandbox") + "/sandbox/audible", trust_env=False).json()["heard"]
    return [row for row in rows if row["text"] == words]


async def test_a_console_that_goes_takes_nothing_along(running: Fleet, ada: Person) -> None:
    """Its browsers are told to come again (1012), and find the same truth at the other one."""
    _, room = live_room(running)
    async with ada.at(running.url("web-2")).socket(**{f"room_{room}": 0}) as page:
        await page.shows(f"room-bar-{room}", 5)
        assert running.stop("web-2") < 5
        with pytest.raises(ConnectionClosed) as closed:
            await page.shows("never", 5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    async with ada.socket(**{f"room_{room}": 0}) as page:
        await page.shows(f"room-bar-{room}", 5)
    running.start_web("web-2")
    running.answers("web-2")


@pytest.mark.parametrize("hard", [False, True], ids=["stopped", "killed"])
async def test_a_relay_that_goes_is_followed_by_the_other(running: Fleet, ada: Person, hard: bool) -> None:
    code, _ = live_room(running)
    both = until(lambda: owners(running), "both relays keep something", 20)
    process = running.processes["relay-1"].pid
    gone = next(name for name in both if f":{process}:" in name)
    took = running.stop("relay-1", hard=hard)
    assert took < 5
    until(lambda: gone not in owners(running, least=1), "nothing is left with it", 12)
    words = f"换了一个中继，这句话照样播出，{'被杀' if hard else '停下'}。"
    until(lambda: live_room(running)[0] == code, "the room is on air again", 30)
    assert ada.say(code, words).status_code == 204
    until(lambda: audible(running, words), "it is heard", 40)
    assert len(audible(running, words)) == 1
    running.start_relay("relay-1")
    until(lambda: owners(running), "the load is shared again", 30)


@pytest.mark.parametrize("vendor", ["softsugar", "metastudio"])
def test_lost_connections_to_the_database_are_opened_again(running: Fleet, ada: Person, vendor: str) -> None:
    code, _ = live_room(running, vendor)
    running.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid != pg_backend_pid()"
    )
    words = f"数据库断开又连上，这句话照样播出，{vendor}。"
    until(lambda: ada.say(code, words).status_code == 204, "a console takes it", 15)
    until(lambda: audible(running, words), "it is heard", 40)


HOLD = """
import os, signal
from django.db import transaction
from dashboard.events.record import lock_topic
with transaction.atomic():
    lock_topic("room:%d")
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_a_process_that_stops_in_the_middle_of_a_transaction_holds_nobody_up(running: Fleet, ada: Person) -> None:
    """A console whose machine stands still keeps its locks: the server ends its session, and the room goes on."""
    code, room = live_room(running)
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", HOLD % room]
    with subprocess.Popen(command, cwd=ROOT, env=running.environment) as stopped:
        try:
            state = Path(f"/proc/{stopped.pid}/stat")
            until(lambda: ") T " in state.read_text(), "it stands still, with the room locked", 20)
            began = time.monotonic()
            assert ada.say(code, "别的进程停在半路，这句话照样说得出来。").status_code == 204
            assert time.monotonic() - began < 9
        finally:
            stopped.kill()


def test_tasks_of_a_worker_that_was_killed_are_done_by_the_next(running: Fleet) -> None:
    def told_of_itself() -> list[tuple[Any, ...]]:
        return running.rows("SELECT name FROM live_process WHERE kind = 'worker'")

    def left() -> list[tuple[object, ...]]:
        return running.rows("SELECT task_path FROM django_tasks_database_dbtaskresult WHERE status != 'SUCCESSFUL'")

    def done() -> list[tuple[object, ...]]:
        return running.rows("SELECT worker_ids FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL'")

    until(lambda: done() and not left(), "all that was due is done", 20)
    [(dead,)] = running.rows("SELECT name FROM worker_worker")
    assert until(told_of_itself, "the worker's row among the processes", 10)
    assert running.stop("worker", hard=True) < 5
    running.execute(
        "UPDATE django_tasks_database_dbtaskresult SET status = 'RUNNING' WHERE id IN"
        " (SELECT id FROM django_tasks_database_dbtaskresult LIMIT 1)"
    )  # as if it had died in the middle of this one
    running.start_worker()
    until(lambda: not left(), "it is begun again", 20)
    assert any(len(ids) == 2 and ids[0] == dead for (ids,) in done())  # type: ignore[arg-type,index]
    assert running.stop("worker") < 5
    assert running.rows("SELECT name FROM worker_worker") == []
    assert len(told_of_itself()) == 1, "only the one that was killed left its row"
    running.start_worker()


def owners(running: Fleet, least: int = 2) -> set[str]:
    """Who keeps open jobs; empty where fewer than `least` do, or one keeps nobody's."""
    rows = running.rows("SELECT owner FROM jobs_job WHERE ended_at IS NULL")
    names = {str(owner) for (owner,) in rows if owner}
    return names if len(names) >= least else set()
