"""Real Chromium on real processes. The stack that most tests share starts once; each test has browsers of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.console import Person
from tests.browser.stack import Stack, running, seeded
from tests.chromium import ARGUMENTS, chromium_on_path

#: A microphone that beeps once a second, and that no page has to ask for.
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One per process: a second would find the first one's event loop running."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=chromium_on_path(), args=ARGUMENTS)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def speaker(playwright: Playwright) -> Iterator[Browser]:
    """A browser with a microphone."""
    chromium = playwright.chromium.launch(executable_path=chromium_on_path(), args=[*ARGUMENTS, *MICROPHONE])
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all stacks of this run, whichever worker starts them."""
    own = tmp_path_factory.getbasetemp()
    return seeded((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "seed")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, seed: Path) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("talkback") / "stack", seed) as opened:
        yield opened


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Person]]:
    """`person(stack)` opens a browser; at the end it must not have complained about anything."""
    with people_of(browser) as come:
        yield come


@pytest.fixture
def talker(speaker: Browser) -> Iterator[Callable[..., Person]]:
    """`talker(stack)` opens a browser with a microphone that no page has to ask for."""
    with people_of(speaker, permissions=["microphone"]) as come:
        yield come


@contextlib.contextmanager
def people_of(browser: Browser, **always: Any) -> Iterator[Callable[..., Person]]:
    """They leave with their test: a desk that stays open goes on working, and its console for it."""
    people: list[Person] = []

    def come(stack: Stack, **options: Any) -> Person:
        one = Person(browser, stack, **always, **options)
        people.append(one)
        return one

    try:
        yield come
    finally:
        for one in people:
            one.context.close()
    complaints = [text for one in people for text in one.complaints]
    assert not complaints, "the browser complained: " + "; ".join(complaints)


@pytest.fixture
def open_stack(tmp_path: Path, seed: Path) -> Iterator[Callable[..., Stack]]:
    """A stack for one test alone: `open_stack(relay=False)`, `sandbox=False`, `channel=False`."""
    with contextlib.ExitStack() as opened:
        yield lambda **options: opened.enter_context(running(tmp_path / "stack", seed, **options))
