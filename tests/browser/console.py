"""The console as a person sees it: pages with the few things the tests do and look at."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from dashboard.live.demo.content import PASSWORD
from tests.browser.stack import Stack, until

ADMIN, PRODUCER, OPERATOR, VIEWER = (
    "ada@demo.talkback.test",
    "pia@demo.talkback.test",
    "oki@demo.talkback.test",
    "vic@demo.talkback.test",
)
#: A press within this time of the last one is the same press (static/js/actions.js); the spec is a duration.
SAME_PRESS_MS = 650
START_MS, END_MS, SPEAK_MS = 25_000, 25_000, 30_000
MARK = "window.talkbackMark"


class StepTimedOut(AssertionError):
    """`step` of the flow did not happen in its time."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{step}: {why}")
        self.step = step


class Person:
    """Somebody with a browser of their own, signed in. Keeps what the browser complained about."""

    def __init__(self, browser: Browser, stack: Stack, **options: Any) -> None:
        self.stack = stack
        self.context: BrowserContext = browser.new_context(
            base_url=stack.url, viewport={"width": 1440, "height": 1000}, locale="en-GB", **options
        )
        self.context.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.context.on("console", lambda message: self._hear(message.type, message.text))
        self.context.on("weberror", lambda error: self._hear("error", str(error.error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def forgive(self, pattern: str) -> None:
        """Complaints that a test provoked on purpose."""
        self.complaints = [text for text in self.complaints if not re.search(pattern, text)]

    def sign_in(self, email: str = ADMIN) -> Page:
        page = self.context.new_page()
        page.goto("/sign-in")
        self.fill_in(page, email)
        page.wait_for_url("**/wall")
        return page

    def come_in(self, email: str = ADMIN) -> Page:
        """The wall, as somebody who signed in to this stack before."""
        page = self.known(email)
        if page.url == "about:blank":
            page.goto("/t/demo/wall")
        return page

    def known(self, email: str = ADMIN) -> Page:
        """A page that has been nowhere yet, as somebody who signed in to this stack before.

        Only the first of a stack signs in: the hash of a password and two pages more are a test of their own.
        """
        if email not in self.stack.logins:
            page = self.sign_in(email)
            self.stack.logins[email] = self.context.cookies()
            return page
        self.context.add_cookies(self.stack.logins[email])
        return self.context.new_page()

    def fill_in(self, page: Page, email: str) -> None:
        page.fill("[name=username], [name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form.stack [type=submit]")

    def desk(self, code: str, room_id: int, page: Page | None = None) -> Desk:
        desk = Desk(page or self.context.new_page(), code, room_id)
        desk.open()
        return desk


class Desk:
    def __init__(self, page: Page, code: str, room_id: int) -> None:
        self.page, self.code, self.id = page, code, room_id
        self.bar = page.locator(f"#room-bar-{room_id}")
        self.chip = self.bar.locator(".chip-big")
        self.history = page.locator(f"#history-{room_id}")
        self.queue = page.locator(f"#queue-list-{room_id}")
        self.feed = page.locator(f"#feed-{room_id}")
        self.field = page.locator("#say-text")
        self.error = page.locator("#say-error")

    def open(self) -> None:
        """Come to the desk, and leave a mark in the page that only a reload or a navigation takes away."""
        self.page.goto(f"/t/demo/rooms/{self.code}")
        self.page.evaluate(f"{MARK} = true")

    def is_same_page(self) -> bool:
        return bool(self.page.evaluate(f"{MARK} === true"))

    def wait_live(self) -> None:
        expect(self.page.locator("#beat b")).to_contain_text("live", timeout=10_000)

    # -- doing -------------------------------------------------------------------------------------------------------

    def press_twice(self, button: Locator, consequence: str) -> None:
        """A dangerous button: the first press changes its words into what the second will do."""
        button.click()
        expect(button).to_contain_text(consequence)
        self.page.wait_for_timeout(SAME_PRESS_MS)
        button.click()

    def start(self, within_ms: float = START_MS) -> None:
        button = self.bar.locator("[data-action=start_job]")
        reach("start", button.and_(self.page.locator(":not([aria-disabled=true])")), within_ms)
        self.press_twice(button, f"Put {self.code} on air")

    def put_on_air(self) -> None:
        """Start the room unless it runs, and be live and free to speak, whoever silenced it before."""
        self.wait_live()
        if self.chip.get_attribute("data-state") not in ("onair", "talkback"):
            self.start()
        expect(self.bar.locator(".chip-big:is([data-state=onair], [data-state=talkback])")).to_be_visible(
            timeout=START_MS
        )
        self.let_speak()

    def let_speak(self) -> None:
        restore = self.bar.get_by_role("button", name="Let the host speak again")
        if restore.count():
            with suppress(PlaywrightTimeout):  # an earlier press came through meanwhile: the button is gone
                restore.click(timeout=2_000)
            expect(restore).to_be_hidden()

    def say(self, text: str, mode: str = "append") -> None:
        self.field.fill(text)
        self.button(mode).click()

    def button(self, mode: str) -> Locator:
        return self.page.locator(f"form[data-dock] button[name=mode][value={mode}]")

    def stop(self, reason: str) -> None:
        self.bar.locator("[data-action=stop_job]").click()
        dialog = self.page.locator(f"#stop-{self.id}")
        expect(dialog).to_be_visible()
        submit = dialog.locator("[type=submit]")
        expect(submit).to_have_attribute("aria-disabled", "true")
        dialog.locator("[name=reason]").fill(reason)
        dialog.locator("[name=word]").fill(self.code)
        expect(submit).to_have_attribute("aria-disabled", "false")
        submit.click()

    # -- seeing ------------------------------------------------------------------------------------------------------

    def item(self, text: str) -> Locator:
        return self.queue.locator("li.q", has_text=text)

    def step(self, text: str, name: str) -> Locator:
        return self.item(text).locator(f"li[data-step={name}]")

    def timeline(self, state: str) -> Locator:
        return self.history.locator(f"li[data-state={state}]").last

    def steps(self, text: str) -> list[tuple[str, bool]]:
        """The ladder's steps, each with whether it has a time."""
        found: list[tuple[str, bool]] = (
            self.item(text)
            .locator("li[data-step]")
            .evaluate_all("rows => rows.map((row) => [row.dataset.step, 'at' in row.dataset])")
        )
        return [(name, has_time) for name, has_time in found]


def reach(step: str, locator: Locator, within_ms: float) -> None:
    """A step of a flow: `locator` is seen in time, or the flow ends here."""
    try:
        expect(locator).to_be_visible(timeout=within_ms)
    except AssertionError as error:
        raise StepTimedOut(step, str(error)) from None


def pump(page: Page, seen: Callable[[], bool], what: str, within_s: float = 10) -> None:
    """Let the browser's events come in until `seen`."""

    def look() -> bool:
        page.wait_for_timeout(20)
        return seen()

    until(look, what, within_s)


class Since:
    """Seconds since something began, for limits that count from there."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def left_ms(self, limit_s: float) -> float:
        return max(1.0, (self.at + limit_s - time.monotonic()) * 1000)

    def gone_s(self) -> float:
        return time.monotonic() - self.at
