"""A desk on a phone: what is on air, Silence and Undo stay under the thumb while somebody writes and right after."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.console import OPERATOR, SAME_PRESS_MS, Desk, Person
from tests.browser.stack import Stack
from tests.browser.test_second_person import undo_window

ROOM = "K7Q"
#: What of the strip is pressed and lies below something else at its middle, is smaller than 24 px or leaves the page.
COVERED = """() => [...document.querySelectorAll(".shell :is(a, button, summary)")]
  .filter((one) => one.checkVisibility())
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return !one.contains(hit) || box.width < 24 || box.height < 24 || box.left < 0 || box.right > innerWidth;
  })
  .map((one) => one.outerHTML.slice(0, 160))"""
#: Numbers and presses of the strip that share room, by pairs.
ON_EACH_OTHER = """() => {
  const all = [...document.querySelectorAll(".shell :is(.brand, .count, .silence-all-open, .menu > summary), .beat b")]
    .filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()]);
  return all.flatMap(([one, a], at) => all.slice(at + 1)
    .filter(([, b]) => a.left < b.right - .5 && b.left < a.right - .5 && a.top < b.bottom && b.top < a.bottom)
    .map(([other]) => `${one.className} ${other.className}`));
}"""
#: As on a bad day: five counts, each of two digits.
BAD_DAY = """() => {
  const list = document.querySelector(".counts");
  while (list.children.length < 5) list.prepend(list.lastElementChild.cloneNode(true));
  for (const count of list.querySelectorAll(".count")) {
    count.removeAttribute("data-zero");
    count.querySelector("b").textContent = "88";
  }
}"""
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


@pytest.mark.parametrize("width", [320, 360, 390, 640])
@pytest.mark.parametrize("has_touch", [False, True], ids=["mouse", "touch"])
def test_nothing_in_the_strip_covers_what_is_pressed(
    stack: Stack, person: Callable[..., Person], width: int, has_touch: bool
) -> None:
    page = person(stack, has_touch=has_touch, is_mobile=has_touch).known()
    page.set_viewport_size({"width": width, "height": 844})
    for language, theme in (("en", "light"), ("zh-hans", "dark")):
        page.context.add_cookies([{"name": "talkback_language", "value": language, "url": stack.url}])
        page.goto(f"/t/demo/rooms/{ROOM}")
        page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
        expect(page.locator("#beat b")).not_to_have_text("—")
        for counts in ("() => null", BAD_DAY):
            page.evaluate(counts)
            assert page.evaluate(COVERED) == []
            assert page.evaluate(ON_EACH_OTHER) == []


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
