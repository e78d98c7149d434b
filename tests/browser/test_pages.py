"""Every page from 320 to 3,840 px, light and dark: no serious accessibility violation, nothing lies beside the screen,
nothing in the console, no CSP violation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console import Person, pump
from tests.browser.stack import Stack

AXE = (Path(__file__).parent / "assets" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")
ROOMS = ("K7Q", "P9X")
PAGES = {
    "wall": "/t/demo/wall",
    "desk of SoftSugar": "/t/demo/rooms/K7Q",
    "desk of MetaStudio": "/t/demo/rooms/P9X",
    "desk without a job": "/t/demo/rooms/A4C",
    "rooms": "/t/demo/rooms",
    "rooms, searched in vain": "/t/demo/rooms?q=nothing-like-it",
    "new room": "/t/demo/rooms/new",
    "rules": "/t/demo/rules",
    "new rules": "/t/demo/rules/new",
    "script of SoftSugar": "/t/demo/rooms/K7Q/script",
    "script of MetaStudio": "/t/demo/rooms/P9X/script",
    "steering SoftSugar": "/t/demo/rooms/K7Q/steer",
    "steering MetaStudio": "/t/demo/rooms/P9X/steer",
    "second person": "/t/demo/rooms/K7Q/second-person",
    "log of the rules": "/t/demo/rooms/K7Q/rules/log",
    "edit room": "/t/demo/rooms/K7Q/edit",
    "clips": "/t/demo/library/clips",
    "phrases": "/t/demo/library/phrases",
    "new phrase": "/t/demo/library/phrases/new",
    "products": "/t/demo/library/products",
    "new product": "/t/demo/library/products/new",
    "banned words": "/t/demo/library/words",
    "new banned word": "/t/demo/library/words/new",
    "takeovers": "/t/demo/takeovers",
    "takeovers, none of them": "/t/demo/takeovers?show=approval",
    "jobs": "/t/demo/jobs",
    "vendor accounts": "/t/demo/vendor-accounts",
    "new vendor account": "/t/demo/vendor-accounts/new",
    "error codes": "/t/demo/help/errors",
    "error codes, searched in vain": "/t/demo/help/errors?q=nothing-like-it",
    "status": "/t/demo/status",
    "team": "/t/demo/team",
    "settings": "/settings",
}


#: The narrowest and the widest screen, and the one that most people have.
SIZES = ((320, 640), (1440, 900), (3840, 2160))
#: What the width and the colours decide; the rest is the same at every size.
OF_THE_LOOK = ["color-contrast", "scrollable-region-focusable", "target-size"]
#: The panels of the desk's dock, each with what it asks for.
KINDS = {"ssml": "#say-ssml", "audio": "#say-clip", "scene": "#scene-bit_rate", "microphone": "[data-talk-key]"}
BESIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """Serious and critical ones, of all rules or `only` these. axe leaves out targets (WCAG 2.5.8) unless asked."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE + ";0")
    options: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    if only:
        options |= {"runOnly": list(only)}
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def wrong_at_any_size(page: Page, scheme: str = "dark") -> list[str]:
    """The page as it stands, at each size; in the light it differs by its colours alone."""
    wrong: list[str] = []
    for width, height in SIZES:
        rules = ["color-contrast"] if scheme == "light" else [] if width == SIZES[0][0] else OF_THE_LOOK
        page.set_viewport_size({"width": width, "height": height})
        if beside := page.evaluate(BESIDE):
            wrong.append(f"{width} px: {beside} px lie beside the screen")
        wrong += [f"{width} px: {text}" for text in violations(page, rules)]
    return wrong


@pytest.fixture(scope="module")
def busy(stack: Stack, browser: Any) -> None:
    """Rooms on air, with an audience and something said: empty lists prove little."""
    me = Person(browser, stack)
    page = me.known()
    for code in ROOMS:
        desk = me.desk(code, stack.room_id(code), page)
        desk.put_on_air()
        stack.audience(code, rate_per_s=0.2)
        desk.say(f"这一句让{code}的队列里有一点东西。")
        expect(desk.item("的队列里有一点东西")).to_have_count(1)
    me.context.close()


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_quiet(stack: Stack, person: Callable[..., Person], scheme: str) -> None:
    me = person(stack, color_scheme=scheme, reduced_motion="reduce")
    door = me.context.new_page()
    door.goto("/sign-in")
    wrong = [f"sign in: {text}" for text in wrong_at_any_size(door, scheme)]
    door.close()
    page = me.known()
    for name, path in PAGES.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{name}: {answer.status}"
        if page.locator("#beat").count():
            expect(page.locator("#beat b")).to_contain_text("live")
        wrong += [f"{name}: {text}" for text in wrong_at_any_size(page, scheme)]
        wrong += [f"{name}: {text}" for text in me.complaints]
        me.complaints.clear()
    assert wrong == []


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_way_to_be_heard_is_accessible(stack: Stack, person: Callable[..., Person], scheme: str) -> None:
    me = person(stack, color_scheme=scheme, reduced_motion="reduce")
    page = me.known()
    wrong: list[str] = []
    for code, kinds in (("K7Q", KINDS), ("P9X", {"ssml": KINDS["ssml"], "microphone": KINDS["microphone"]})):
        page.set_viewport_size({"width": 1440, "height": 900})
        me.desk(code, stack.room_id(code), page).wait_live()
        for kind, what in kinds.items():
            page.set_viewport_size({"width": 1440, "height": 900})
            page.locator(f"#kind-{kind}").click()
            expect(page.locator(what)).to_be_visible()
            page.locator(".dock").evaluate("(dock) => dock.toggleAttribute('data-open', true)")  # as on a phone
            wrong += [f"{code}, {kind}: {text}" for text in wrong_at_any_size(page, scheme)]
    assert wrong == []


@pytest.mark.usefixtures("busy")
def test_every_dialog_of_the_desk_is_accessible(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack, color_scheme="dark", reduced_motion="reduce")
    desk = me.desk("P9X", stack.room_id("P9X"), me.known())
    desk.wait_live()
    wrong: list[str] = []
    for dialog in ("#silence-all", "#take-floor", "#return-words", f"#stop-{desk.id}", "#keys"):
        desk.page.locator("#kind-microphone").click()  # the floor's dialog stands in its panel
        desk.page.locator(dialog).evaluate("(dialog) => dialog.showModal()")
        wrong += [f"{dialog}: {text}" for text in wrong_at_any_size(desk.page)]
        desk.page.set_viewport_size({"width": 1440, "height": 900})
        desk.page.keyboard.press("Escape")
        expect(desk.page.locator(dialog)).to_be_hidden()
    assert wrong == []


def test_the_stop_dialog_and_the_keys_are_accessible(stack: Stack, person: Callable[..., Person], busy: None) -> None:
    me = person(stack)
    desk = me.desk("K7Q", stack.room_id("K7Q"), me.known())
    desk.wait_live()
    desk.bar.locator("[data-action=stop_job]").click()
    expect(desk.page.locator(f"#stop-{desk.id}")).to_be_visible()
    assert violations(desk.page) == []
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(f"#stop-{desk.id}")).to_be_hidden()
    desk.page.locator("h1").click()
    desk.page.keyboard.press("?")
    expect(desk.page.locator("#keys")).to_be_visible()
    assert violations(desk.page) == []


def test_error_codes_are_found_while_typing(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    page = me.known()
    page.goto("/t/demo/help/errors")
    page.keyboard.press("/")
    page.keyboard.type("20010053", delay=20)
    code = page.locator("article.vcode")
    expect(code).to_have_count(1)
    expect(page.get_by_role("searchbox", name="Search error codes")).to_be_focused()
    expect(page.locator("#found-count")).to_have_text("1 code")
    expect(page).to_have_url(re.compile(r"/help/errors\?q=20010053"))
    page.reload()
    expect(code).to_have_count(1)
    page.get_by_label("Vendor").select_option("softsugar")
    expect(page.get_by_text("No code fits this search.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"vendor=softsugar"))
    page.get_by_role("link", name="Show all codes").click()
    code.first.get_by_role("link").click()
    expect(code).to_have_count(1)
    assert me.complaints == []


def test_the_watch_on_the_browser_hears_what_it_should(stack: Stack, person: Callable[..., Person]) -> None:
    """Errors, uncaught exceptions and refused inline code: each would fail the test it happens in."""
    me = person(stack)
    page = me.come_in()
    page.evaluate("console.error('told'); setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" id=planted><img></p>')")
    pump(page, lambda: len(me.complaints) >= 3, "three complaints")
    heard = "\n".join(me.complaints)
    assert "told" in heard
    assert "thrown" in heard
    assert "Content Security Policy" in heard
    assert any("image-alt" in text for text in violations(page))
    me.complaints.clear()
