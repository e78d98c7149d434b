"""Panic at the keyboard: a press silences the room, holding it silences all; the time shown is the time it took."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

import pytest
from playwright.sync_api import Route, expect

from tests.browser.console import SPEAK_MS, Desk, Person
from tests.browser.stack import Stack, until

ROOMS = ("K7Q", "P9X")
LONG = "这一段话很长，" * 60 + "要说很久才能说完，第{}段。"
_numbers = count(1)
HOLD_MS = 1_300
#: Keydown by the page's wall clock, which is the sandbox's on one machine.
LISTEN = """() => addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.shiftKey && !event.repeat) window.pressedAt = Date.now();
}, true)"""


@pytest.fixture
def slow(stack: Stack) -> Iterator[None]:
    """At the speed of speech, so that a tenth of a second is one."""
    stack.speed(1)
    yield
    stack.speed(8)


def _speaking(me: Person, stack: Stack, code: str) -> tuple[Desk, str]:
    desk = me.desk(code, stack.room_id(code), me.known())
    desk.put_on_air()
    words = LONG.format(next(_numbers))
    desk.say(words)
    expect(desk.item(words)).to_have_attribute("data-state", "playing", timeout=SPEAK_MS)
    return desk, words


def _ended_s(stack: Stack, words: str, pressed_ms: float) -> float:
    """Seconds from the press to the end of `words`, by the sandbox's own record."""
    row = until(lambda: [one for one in stack.audible(words) if one["ended_real"]], "the words ended", 10)[-1]
    return datetime.fromisoformat(row["ended_real"]).timestamp() - pressed_ms / 1000


@pytest.mark.parametrize("code", ROOMS)
def test_one_press_silences_the_room_and_tells_how_long_it_took(
    stack: Stack, slow: None, person: Callable[..., Person], code: str
) -> None:
    stack.speed(8)
    desk, words = _speaking(person(stack), stack, code)
    stack.speed(1)
    desk.page.evaluate(LISTEN)
    desk.field.focus()  # also from within a text field
    desk.page.keyboard.press("Shift+Escape")
    took = desk.bar.locator("[data-silence-took]")
    expect(took).to_have_text(re.compile(r"^silent after \d\.\d\d s$"))
    recorded = _ended_s(stack, words, desk.page.evaluate("pressedAt"))
    assert abs(float(took.get_attribute("data-silence-took") or "nan") - recorded) <= 0.1
    desk.let_speak()


#: The server's clock as the page reckons it, and the true one, which is ours on one machine; ms.
CLOCKS = """async () => {
  const module = performance.getEntriesByType("resource").find(({ name }) => name.includes("freshness"));
  const { serverNow } = await import(module.name);
  return [serverNow(), Date.now()];
}"""


def test_the_press_is_timed_by_the_servers_clock_though_the_page_comes_late(
    stack: Stack, person: Callable[..., Person]
) -> None:
    """A press before the first tick counts from the page's own time, which is older the longer its scripts take."""
    page = person(stack).known()
    page.route_web_socket("**/ws/live", lambda one: None)

    def late(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/freshness*.js", late)
    page.goto("/t/demo/jobs")
    reckoned, true = page.evaluate(CLOCKS)
    assert abs(reckoned - true) <= 100


def test_a_nervous_second_press_is_one_into_silence(stack: Stack, person: Callable[..., Person]) -> None:
    desk, _ = _speaking(person(stack), stack, ROOMS[0])
    button, again = desk.bar.locator(".btn-silence"), desk.bar.get_by_role("button", name="Let the host speak again")
    box = button.bounding_box()
    assert box
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.page.mouse.click(*place)
    expect(desk.bar.locator("[data-silence-took]")).to_be_visible()
    expect(again).to_be_visible()
    desk.page.mouse.click(*place)
    desk.page.wait_for_timeout(500)  # a press that spoke again would have shown by now
    expect(again).to_be_visible()
    expect(button).to_be_focused()
    again.focus()
    desk.page.keyboard.press("Enter")
    expect(again).to_be_hidden()
    expect(button).to_be_focused()


def test_it_works_right_after_a_login_in_another_tab(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk, _ = _speaking(me, stack, ROOMS[0])
    other = me.context.new_page()
    me.context.clear_cookies()
    other.goto("/sign-in")
    me.fill_in(other, "oki@demo.talkback.test")
    other.wait_for_url("**/wall")
    desk.page.keyboard.press("Shift+Escape")
    expect(desk.bar.locator("[data-silence-took]")).to_be_visible()
    me.forgive("403")
    desk.let_speak()


def test_holding_silences_all_rooms_and_counts_each(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desks = [_speaking(me, stack, code)[0] for code in ROOMS]
    page = me.context.new_page()
    page.goto("/t/demo/jobs")
    page.keyboard.down("Shift")
    page.keyboard.down("Escape")
    page.wait_for_timeout(HOLD_MS)
    page.keyboard.up("Escape")
    page.keyboard.up("Shift")
    for code in ROOMS:
        row = page.locator(f"#silence-all [data-code={code}]")
        expect(row).to_have_attribute("data-state", "silent")
        expect(row).to_contain_text("silent after")
    page.locator(f"#restore-{desks[0].code}").click()
    expect(page.locator(f"#silence-all [data-code={desks[0].code}]")).to_have_attribute("data-state", "speaks")
    page.locator(f"#silence-{desks[0].code}").click()
    expect(page.locator(f"#restore-{desks[0].code}")).to_be_visible()
    desks[0].press_twice(page.locator("[data-restore-all]"), "Let all of them speak")
    for desk in desks:
        expect(page.locator("#toasts .toast")).to_contain_text(desk.code)
        assert page.locator("#toasts").evaluate("box => box.matches(':popover-open')")  # else behind the dialog
        expect(page.locator(f"#silence-all [data-code={desk.code}]")).to_have_attribute("data-state", "speaks")


def test_a_short_press_of_the_button_for_all_silences_nobody(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOMS[0], stack.room_id(ROOMS[0]), me.known())
    desk.put_on_air()
    asked: list[str] = []
    me.context.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    desk.page.get_by_role("button", name="Silence all rooms…").click()
    desk.page.locator("[data-hold-to-silence]").click()
    desk.page.locator("[data-hold-to-silence]").press("Enter")
    desk.page.wait_for_timeout(HOLD_MS)
    assert asked == []
