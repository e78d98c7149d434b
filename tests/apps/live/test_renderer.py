"""Fragments are made in a process of their own where one runs, and in threads wherever it does not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dashboard.live.hub.renderer import Renderer

#: Its threads are those that hold the database's connections.
pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 30.0


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer()
    yield made
    await made.stop()


async def started(renderer: Renderer) -> int:
    """The number of its process, once that is up."""
    renderer.start()
    await up(renderer)
    return await renderer.run(os.getpid)


async def up(renderer: Renderer) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not renderer.is_up:  # noqa: ASYNC110  counts what a foreign thread did
            await asyncio.sleep(0.01)


async def test_without_a_process_a_thread_does_the_work(renderer: Renderer) -> None:
    assert await renderer.run(os.getpid) == os.getpid()
    assert (await renderer.run(threading.current_thread)).name.startswith("database")


async def test_until_the_process_is_up_nobody_waits_for_it(renderer: Renderer) -> None:
    renderer.start()
    assert await renderer.run(os.getpid) == os.getpid()


async def test_the_work_is_done_in_the_process(renderer: Renderer) -> None:
    process = await started(renderer)
    assert process != os.getpid()
    assert await renderer.run(divmod, 17, 5) == (3, 2)


async def test_errors_of_the_work_come_back_and_end_nothing(renderer: Renderer) -> None:
    process = await started(renderer)
    with pytest.raises(ZeroDivisionError):
        await renderer.run(divmod, 1, 0)
    assert await renderer.run(os.getpid) == process


async def test_when_the_process_is_killed_threads_go_on(renderer: Renderer) -> None:
    os.kill(await started(renderer), signal.SIGKILL)
    assert await renderer.run(divmod, 17, 5) == (3, 2)
    assert await renderer.run(os.getpid) == os.getpid()


async def test_when_the_process_hangs_it_is_ended_and_threads_go_on(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = await started(renderer)
    monkeypatch.setattr("dashboard.live.hub.renderer.LONGEST_S", 0.2)
    os.kill(process, signal.SIGSTOP)
    assert await renderer.run(divmod, 17, 5) == (3, 2)
    assert await renderer.run(os.getpid) == os.getpid()


async def test_a_process_that_ended_is_started_again(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.live.hub.renderer.AGAIN_S", 0.01)
    first = await started(renderer)
    os.kill(first, signal.SIGKILL)
    assert await renderer.run(divmod, 17, 5) == (3, 2)
    await up(renderer)
    assert await renderer.run(os.getpid) not in (first, os.getpid())


async def test_ctrl_c_of_the_terminal_does_not_reach_the_process(renderer: Renderer) -> None:
    """A terminal sends it to its own session."""
    process = await started(renderer)
    assert os.getsid(process) == process != os.getsid(0)


async def test_many_questions_get_their_own_answers(renderer: Renderer) -> None:
    await started(renderer)
    told = await asyncio.gather(*[renderer.run(divmod, number, 7) for number in range(200)])
    assert told == [divmod(number, 7) for number in range(200)]


async def test_who_stops_waiting_leaves_no_answer_for_the_next(renderer: Renderer) -> None:
    await started(renderer)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await renderer.run(time.sleep, 0.3)
    assert await renderer.run(divmod, 17, 5) == (3, 2)


async def test_large_questions_and_answers_go_through(renderer: Renderer) -> None:
    await started(renderer)
    many = b"x" * 3_000_000
    assert await renderer.run(bytes, many) == many


async def test_what_can_not_be_handed_over_is_said(renderer: Renderer) -> None:
    process = await started(renderer)
    with pytest.raises(TypeError, match="handed over"):
        await renderer.run(threading.Lock)
    assert await renderer.run(os.getpid) == process


async def test_what_is_printed_stands_between_no_answers(renderer: Renderer) -> None:
    await started(renderer)
    await renderer.run(print, "not an answer", flush=True)
    assert await renderer.run(divmod, 17, 5) == (3, 2)


async def test_it_ends_with_its_console(renderer: Renderer) -> None:
    process = await started(renderer)
    await renderer.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


CONSOLE = """
import asyncio, os, time, django
django.setup()
from dashboard.live.hub.renderer import Renderer
async def main():
    made = Renderer()
    made.start()
    while not made.is_up:
        await asyncio.sleep(0.01)
    print(await made.run(os.getpid), flush=True)
    await made.run(time.sleep, 600)
asyncio.run(main())
"""


def test_it_ends_with_a_console_that_was_killed_while_it_works() -> None:
    with subprocess.Popen([sys.executable, "-c", CONSOLE], stdout=subprocess.PIPE, text=True) as console:
        assert console.stdout is not None
        process = int(console.stdout.readline())
        console.kill()
    deadline = time.monotonic() + PATIENCE_S
    while is_there(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(process)


def is_there(process: int) -> bool:
    """It is no child of ours: who ends is waited for by another."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
