"""Every page: no serious accessibility violation in light and dark, nothing in the console, no CSP violation."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    "takeovers": "/t/demo/takeovers",
    "jobs": "/t/demo/jobs",
    "vendor accounts": "/t/demo/vendor-accounts",
    "new vendor account": "/t/demo/vendor-accounts/new",
    "error codes": "/t/demo/help/errors",
    "error codes, searched in vain": "/t/demo/help/errors?q=nothing-like-it",
    "team": "/t/demo/team",
    "settings": "/settings",
}


def violations(page: Page) -> list[str]:
    """Serious and critical ones, with where they are."""
    page.evaluate(AXE + ";0")
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module")
def busy(stack: Stack, browser: Any) -> None:
    """Rooms on air, with an audience and something said: empty lists prove little."""
    me = Person(browser, stack)
    page = me.come_in()
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
    me = person(stack, color_scheme=scheme)
    wrong: list[str] = []
    door = me.context.new_page()
    door.goto("/sign-in")
    wrong += [f"sign in: {text}" for text in violations(door)]
    door.close()
    page = me.come_in()
    for name, path in PAGES.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{name}: {answer.status}"
        if page.locator("#beat").count():
            expect(page.locator("#beat b")).to_contain_text("live")
        wrong += [f"{name}: {text}" for text in violations(page)]
        wrong += [f"{name}: {text}" for text in me.complaints]
        me.complaints.clear()
    assert wrong == []


def test_the_stop_dialog_and_the_keys_are_accessible(stack: Stack, person: Callable[..., Person], busy: None) -> None:
    me = person(stack)
    desk = me.desk("K7Q", stack.room_id("K7Q"), me.come_in())
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
    page = me.come_in()
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
