"""Walls in a headless browser: what they show of a room that is dead, and how long they know nothing.

In a thread of its own: Playwright's synchronous interface has an event loop too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.chromium import ARGUMENTS, chromium_on_path
from tests.faults.books import Ledger
from tests.scaled.person import PASSWORD, TEAM

#: A dead room is marked after this (15 s until its evidence counts as stale, and two for what is on its way).
MARKED_WITHIN_S = 17.0
#: Air states that say that viewers hear something.
LIVE = ("onair", "talkback", "paused")

_LOOK = """() => ({
  tiles: Object.fromEntries([...document.querySelectorAll("li.tile")].map((tile) => [tile.dataset.room, {
    air: tile.querySelector(".chip")?.dataset.state ?? "",
    marked: tile.dataset.need !== undefined || tile.hasAttribute("data-stale") || tile.hasAttribute("data-idle"),
  }])),
  beat: document.getElementById("beat")?.dataset.age ?? "",
  old: document.documentElement.hasAttribute("data-stale"),
})"""


def open_wall(browser: Browser, url: str) -> Page:
    """The wall of the console at `url`, in a browser of its own whose user may only look."""
    page = browser.new_context(base_url=url, viewport={"width": 1440, "height": 1000}).new_page()
    page.goto("/sign-in")
    page.fill('input[type="email"], input[name="username"]', "vic@demo.talkback.test")
    page.fill('input[type="password"]', PASSWORD)
    page.press('input[type="password"]', "Enter")
    page.wait_for_url(f"**/{TEAM}/wall")
    return page


class Screens:
    """One wall for each of `urls`. `dead`: codes of rooms that are over at the vendor, since when (monotonic seconds).

    A wall that heard no tick for 5 s says so itself; `longest_unsure` is for how long beyond that.
    """

    def __init__(self, urls: dict[str, str], books: Ledger, dead: Callable[[], dict[str, float]]) -> None:
        self._urls, self._books, self._dead = urls, books, dead
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="screens", daemon=True)
        self._ready = threading.Event()
        self._told: set[tuple[str, str, float]] = set()
        self._unsure_since: dict[str, float] = {}
        self.longest_unsure: dict[str, float] = {}
        self.looks = 0
        self.dead_seen: set[tuple[str, float]] = set()

    def open(self) -> None:
        """Waits until all walls are shown."""
        self._thread.start()
        if not self._ready.wait(60):
            raise RuntimeError("the browser does not start")

    def close(self) -> None:
        self._stop.set()
        self._thread.join(20)

    def forget(self) -> None:
        """From now on the longest time without truth is counted anew."""
        self.longest_unsure.clear()
        self._unsure_since.clear()

    def _run(self) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_on_path(), args=ARGUMENTS)
            pages = {name: open_wall(browser, url) for name, url in self._urls.items()}
            self._ready.set()
            while not self._stop.wait(0.5):
                for name, page in pages.items():
                    self._look(name, page)
            browser.close()

    def _look(self, name: str, page: Page) -> None:
        try:
            seen = page.evaluate(_LOOK)
        except BrowserError as error:
            self._books.count(f"a wall could not be read: {str(error).splitlines()[0][:60]}")
            return
        now = time.monotonic()
        self.looks += 1
        self._note_truth(name, seen, now)
        for code, since in self._dead().items():
            tile = seen["tiles"].get(code)
            if tile is None or now - since < MARKED_WITHIN_S:
                continue
            self.dead_seen.add((code, since))
            if tile["air"] in LIVE and not tile["marked"] and not seen["old"] and (name, code, since) not in self._told:
                self._told.add((name, code, since))
                self._books.fault(f"{name} shows {code} {tile['air']} {now - since:.0f} s after its end: {tile}")

    def _note_truth(self, name: str, seen: dict[str, Any], now: float) -> None:
        if seen["beat"] in ("live", "ageing"):
            self._unsure_since.pop(name, None)
            return
        since = self._unsure_since.setdefault(name, now)
        self.longest_unsure[name] = max(self.longest_unsure.get(name, 0.0), now - since)
