"""`make screenshots`: every screen, dark and light, wide and narrow, both languages, from a demo that really runs.

All go to var/bench/screenshots/ (not kept by git); the few that the README shows go to docs/screenshots/ too.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from playwright.sync_api import BrowserContext, Page, sync_playwright
from stack import BROWSER_ARGUMENTS, TEAM, Stack
from table import RESULTS, ROOT

from tests.chromium import chromium_on_path

FOLDER = RESULTS / "screenshots"
SHOWN = ROOT / "docs" / "screenshots"
KEPT = ("wall-1440-dark-en", "desk-1440-light-en", "desk-1440-dark-zh-hans", "desk-390-light-en")
WIDTHS = {1440: 900, 390: 844}
SENTENCES = ("今天直播间到手价一百九十九元，拍下还送同色系小样一支。", "左下角小黄车可以领二十元券，十分钟内有效。")
DOUBTFUL = "这一句在路上丢了，没有人知道观众有没有听到。"


@dataclass(frozen=True)
class Screen:
    """`path` below the team; `act` brings the page into the state that is to be seen."""

    name: str
    path: str
    act: Callable[[Page], None] | None = None
    signed_in: bool = True


def _unfold(page: Page) -> None:
    """On phones the composer is folded away."""
    if page.locator("[data-dock-open]").is_visible():
        page.locator("[data-dock-open]").click()


def _too_short(page: Page) -> None:
    _unfold(page)
    page.locator("#say-text").fill("太短")
    page.keyboard.press("Enter")
    page.locator("#say-error:visible").wait_for()


def _open(kind: str) -> Callable[[Page], None]:
    """Another way of saying it, in the dock."""

    def act(page: Page) -> None:
        _unfold(page)
        page.locator(f"#kind-{kind}").click()

    return act


def _ask_to_silence_all(page: Page) -> None:
    page.locator("[data-dialog='#silence-all']").first.click()


def _ask_to_stop(page: Page) -> None:
    page.locator("[data-dialog^='#stop-']").click()


def _send_form(page: Page) -> None:
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


SCREENS = (
    Screen("sign-in", "/sign-in", signed_in=False),
    Screen("wall", "wall"),
    Screen("silence-all", "wall", _ask_to_silence_all),
    Screen("rooms", "rooms"),
    Screen("rooms-none", "rooms?q=zzzz"),
    Screen("desk", "rooms/K7Q"),
    Screen("desk-metastudio", "rooms/P9X"),
    Screen("desk-off", "rooms/E5R"),
    Screen("desk-ssml", "rooms/P9X", _open("ssml")),
    Screen("desk-audio", "rooms/P9X", _open("audio")),
    Screen("desk-microphone", "rooms/P9X", _open("microphone")),
    Screen("desk-scene", "rooms/K7Q", _open("scene")),
    Screen("script", "rooms/K7Q/script"),
    Screen("script-metastudio", "rooms/P9X/script"),
    Screen("steer", "rooms/K7Q/steer"),
    Screen("steer-metastudio", "rooms/P9X/steer"),
    Screen("rule-log", "rooms/K7Q/rules/log"),
    Screen("silences", "silences"),
    Screen("phrases", "library/phrases"),
    Screen("phrase-new", "library/phrases/new"),
    Screen("clips", "library/clips"),
    Screen("rules", "rules"),
    Screen("rehearsal", "rehearsal"),
    Screen("errors", "help/errors"),
    Screen("desk-refused", "rooms/M2D", _too_short),
    Screen("desk-stop", "rooms/K7Q", _ask_to_stop),
    Screen("takeovers", "takeovers"),
    Screen("jobs", "jobs"),
    Screen("job", "jobs/1"),
    Screen("vendor-accounts", "vendor-accounts"),
    Screen("status", "status"),
    Screen("vendor-account-new", "vendor-accounts/new"),
    Screen("room-new", "rooms/new"),
    Screen("rules-new", "rules/new"),
    Screen("room-errors", "rooms/new", _send_form),
    Screen("team", "team"),
    Screen("settings", "/settings"),
    Screen("not-found", "rooms/ZZZ9"),
)


def prepare(stack: Stack) -> None:
    """Three rooms on air with comments, a queue with a history, one sentence of unknown outcome."""
    stack.wait(lambda: len(stack.live_rooms()) >= 3, "three rooms are on air", 60)
    stack.wait(
        lambda: stack.rows("SELECT count(*) FROM events_event WHERE kind = 'audience.comment'")[0][0] > 20, "chat", 60
    )
    for code in ("K7Q", "P9X"):
        stack.say(code, SENTENCES[0])
    stack.fault("swallow_frame", vendor="softsugar", session=stack.live_rooms()["K7Q"], count=1)
    stack.wait(
        lambda: stack.rows("SELECT 1 FROM takeover_takeover WHERE source = 'person' AND state = 'done'"), "heard", 60
    )
    stack.say("K7Q", DOUBTFUL)
    stack.wait(lambda: stack.rows("SELECT 1 FROM takeover_takeover WHERE state = 'unknown'"), "one is unknown", 40)


def contexts(stack: Stack, browser: object) -> Iterator[tuple[str, BrowserContext, bool]]:
    for (width, height), theme, language in product(WIDTHS.items(), ("dark", "light"), ("en", "zh-hans")):
        for signed_in in (True, False):
            context = browser.new_context(  # type: ignore[attr-defined]
                viewport={"width": width, "height": height}, color_scheme=theme, locale=language
            )
            if signed_in:
                context.add_cookies([one for one in stack.cookies() if one["name"] != "talkback_language"])
            context.add_cookies([{"name": "talkback_language", "value": language, "url": stack.url}])
            yield f"{width}-{theme}-{language}", context, signed_in
            context.close()


def take(stack: Stack, page: Page, screen: Screen, suffix: str) -> None:
    path = screen.path if screen.path.startswith("/") else f"/t/{TEAM}/{screen.path}"
    page.goto(stack.url + path)
    page.wait_for_timeout(900)  # the socket's first frames, and fonts
    if screen.act:
        screen.act(page)
        page.wait_for_timeout(200)
    page.screenshot(path=str(FOLDER / f"{screen.name}-{suffix}.png"))


def stale(stack: Stack, browser: object) -> None:
    """The wall while the vendors do not answer at all: the last, since it takes the stack's breath away."""
    stack.fault("freeze", for_s=60)
    started = time.monotonic()
    made = [(suffix, context, context.new_page()) for suffix, context, signed_in in _held(stack, browser) if signed_in]
    for _, _, page in made:
        page.goto(f"{stack.url}/t/{TEAM}/wall")
    made[0][2].wait_for_timeout(max(0, 20_000 - (time.monotonic() - started) * 1000))
    for suffix, context, page in made:
        page.screenshot(path=str(FOLDER / f"wall-stale-{suffix}.png"))
        context.close()


def _held(stack: Stack, browser: object) -> list[tuple[str, BrowserContext, bool]]:
    held = []
    for (width, height), theme in product(WIDTHS.items(), ("dark", "light")):
        context = browser.new_context(  # type: ignore[attr-defined]
            viewport={"width": width, "height": height}, color_scheme=theme
        )
        context.add_cookies(stack.cookies())
        held.append((f"{width}-{theme}-en", context, True))
    return held


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    SHOWN.mkdir(parents=True, exist_ok=True)
    with Stack() as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_on_path(), args=BROWSER_ARGUMENTS)
        prepare(stack)
        for suffix, context, signed_in in contexts(stack, browser):
            page = context.new_page()
            for screen in SCREENS:
                if screen.signed_in == signed_in:
                    take(stack, page, screen, suffix)
        stale(stack, browser)
        browser.close()
    for name in KEPT:
        shutil.copyfile(FOLDER / f"{name}.png", SHOWN / f"{name}.png")
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
