"""A desk on a phone: what is on air, Silence and Undo stay under the thumb while somebody writes and right after."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.console import OPERATOR, SAME_PRESS_MS, Desk, Person
from tests.browser.stack import Stack
from tests.browser.test_second_person import undo_window

ROOM = "K7Q"
WORDS = "这一句在手机上说错了，要马上收回来。"


@pytest.fixture
def desk(stack: Stack, person: Callable[..., Person]) -> Iterator[Desk]:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    desk.page.set_viewport_size({"width": 390, "height": 844})
    yield desk
    me.forgive("Failed to (load|fetch)")
    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.field.fill("")


def test_the_composer_leaves_air_and_silence_in_sight(desk: Desk) -> None:
    desk.page.mouse.wheel(0, 600)
    desk.page.locator("[data-dock-open]").click()
    expect(desk.field).to_be_focused()
    expect(desk.chip).to_be_in_viewport(ratio=1)
    expect(desk.page.locator(".dock-thumb [data-action=silence]")).to_be_in_viewport(ratio=1)
    for mode in ("append", "insert", "now"):
        expect(desk.button(mode)).to_be_in_viewport(ratio=1)


def test_what_was_just_said_is_taken_back_from_the_dock(
    desk: Desk, stack: Stack, person: Callable[..., Person]
) -> None:
    admin, oki = person(stack).known(), person(stack)
    undo_window(admin, 10)
    page = oki.known(OPERATOR)
    page.set_viewport_size({"width": 390, "height": 844})
    theirs = oki.desk(ROOM, desk.id, page)
    theirs.wait_live()
    line = page.locator("[data-held]")
    expect(line).to_be_hidden()
    page.locator("[data-dock-open]").click()
    try:
        theirs.say(WORDS)
        undo = line.get_by_role("button", name="Undo")
        expect(line).to_contain_text(WORDS)
        expect(undo).to_be_in_viewport(ratio=1)
        undo.click()
        expect(theirs.field).to_have_value(WORDS)
        expect(line).to_be_hidden()
        expect(theirs.queue.locator(":scope > [data-state=cancelled]").filter(has_text=WORDS)).to_have_count(1)
        theirs.field.fill("")
    finally:
        undo_window(admin, 0)


def test_an_error_leaves_once_the_press_goes_well(desk: Desk) -> None:
    silence = desk.page.locator(".dock-thumb [data-action=silence]")
    errors = desk.page.locator(".toast[data-tone]")
    desk.page.route("**/silence", lambda route: route.abort())
    silence.click()
    expect(errors).to_contain_text("did not answer")
    desk.page.unroute("**/silence")
    desk.page.wait_for_timeout(SAME_PRESS_MS)
    silence.click()
    expect(errors).to_have_count(0)
    expect(desk.page.locator(".toast")).to_have_count(1)
    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.let_speak()
