"""A5 and A6 in the browser: a sentence is said at most once whatever the hand does, and a refusal keeps the words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.console import SAME_PRESS_MS, SPEAK_MS, Desk, Person, pump
from tests.browser.stack import Stack

SOFTSUGAR, METASTUDIO = "K7Q", "P9X"
CREATE = "**/takeovers/"


@pytest.fixture(params=[SOFTSUGAR, METASTUDIO])
def desk(request: pytest.FixtureRequest, stack: Stack, person: Callable[..., Person]) -> Desk:
    me = person(stack)
    found = me.desk(request.param, stack.room_id(request.param), me.known())
    found.put_on_air()
    return found


def heard_once(stack: Stack, desk: Desk, words: str) -> None:
    """The queue shows one item, it was said, and the sandbox made it audible exactly once."""
    item = desk.item(words)
    expect(item).to_have_count(1)
    expect(item).to_have_attribute("data-state", "done", timeout=SPEAK_MS)
    expect(item).to_have_count(1)
    assert len(stack.audible(words)) == 1
    assert stack.rows("SELECT count(*) FROM takeover_takeover WHERE text = ?", words) == [(1,)]


def test_two_quick_clicks_are_one_press(stack: Stack, desk: Desk) -> None:
    words = f"这一句在{desk.code}里点了两次，观众只应该听到一次。"
    desk.field.fill(words)
    desk.button("append").dblclick()
    heard_once(stack, desk, words)
    expect(desk.field).to_have_value("")


def test_enter_twice_is_one_press(stack: Stack, desk: Desk) -> None:
    words = f"这一句在{desk.code}里按了两次回车，观众只应该听到一次。"
    desk.field.fill(words)
    desk.field.press("Enter")
    desk.field.press("Enter")
    heard_once(stack, desk, words)


def test_two_sentences_in_quick_succession_are_two(stack: Stack, desk: Desk) -> None:
    """A press is only the same press while it would send the same words."""
    first, second = (f"这是{desk.code}里很快接着说的第{which}句，两句都要听到。" for which in "一二")
    for words in (first, second):
        desk.field.fill(words)
        desk.field.press("Enter")
    heard_once(stack, desk, first)
    heard_once(stack, desk, second)
    expect(desk.field).to_have_value("")


def test_nothing_to_say_is_told(desk: Desk) -> None:
    desk.field.press("Alt+Enter")
    expect(desk.error).to_contain_text("Write what the host should say.")


def _keys_of(routes: list[Route]) -> set[str]:
    return {route.request.headers["idempotency-key"] for route in routes}


def test_two_tabs_with_one_draft_are_one_takeover(stack: Stack, desk: Desk) -> None:
    """Both tabs press before either hears an answer: both requests are under way at once, under one key."""
    words = f"两个标签页在{desk.code}里发了同一份草稿，观众只应该听到一次。"
    other = Desk(desk.page.context.new_page(), desk.code, desk.id)
    other.open()
    desk.field.fill(words)
    expect(other.field).to_have_value(words)
    under_way: list[Route] = []
    desk.page.context.route(CREATE, lambda route: under_way.append(route))
    desk.button("append").click()
    other.button("append").click()
    pump(desk.page, lambda: len(under_way) == 2, "both requests are under way")
    assert len(_keys_of(under_way)) == 1
    for route in under_way:
        route.continue_()
    heard_once(stack, desk, words)
    expect(desk.field).to_have_value("")
    expect(other.field).to_have_value("")
    desk.page.context.unroute(CREATE)


def test_a_reload_in_the_middle_sends_nothing_twice(stack: Stack, desk: Desk) -> None:
    """The server took it, the answer never came: the reloaded page has the words and the key, and sends both again."""
    words = f"页面在{desk.code}里发送到一半被刷新，观众只应该听到一次。"
    taken: list[Route] = []

    def take(route: Route) -> None:
        route.fetch()
        taken.append(route)

    desk.page.route(CREATE, take)
    desk.field.fill(words)
    desk.button("append").click()
    pump(desk.page, lambda: bool(taken), "the server took it")
    desk.open()
    desk.page.unroute(CREATE)
    expect(desk.field).to_have_value(words)
    expect(desk.item(words)).to_have_count(1)
    with desk.page.expect_request(CREATE) as again:
        desk.button("append").click()
    assert again.value.headers["idempotency-key"] in _keys_of(taken)
    expect(desk.field).to_have_value("")
    heard_once(stack, desk, words)


def test_now_needs_two_presses_and_cuts(stack: Stack, desk: Desk) -> None:
    words = f"这一句在{desk.code}里要马上说，所以要按两次。"
    desk.field.fill(words)
    button = desk.button("now")
    button.dblclick()  # within 600 ms it is one press: it arms, and sends nothing
    expect(button).to_contain_text("Cut off and say")
    told = desk.page.locator(".toast").filter(has_text="Not sent yet")
    expect(told).to_contain_text("Press “Cut off and say” again")
    expect(button).not_to_have_attribute("data-settling", "")  # now it takes the second press
    desk.page.wait_for_timeout(SAME_PRESS_MS)
    expect(desk.item(words)).to_have_count(0)
    assert stack.rows("SELECT count(*) FROM takeover_takeover WHERE text = ?", words) == [(0,)]
    with desk.page.expect_request(CREATE) as sent:
        button.click()
    assert sent.value.headers["x-confirmed"] == "1"
    heard_once(stack, desk, words)
    assert stack.rows("SELECT mode FROM takeover_takeover WHERE text = ?", words) == [("now",)]


def test_what_asks_for_a_second_press_leaves_with_the_time_for_it(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), me.known())
    desk.put_on_air()
    desk.field.fill("这一句不会说出去，因为没有按第二次。")
    button = desk.button("now")
    button.dblclick()
    told = desk.page.locator(".toast").filter(has_text="Not sent yet")
    expect(told).to_be_visible()
    expect(button).not_to_have_class(re.compile("btn-armed"), timeout=5000)
    assert told.count() == 0
    desk.field.fill("")


def test_an_armed_button_forgets_after_four_seconds(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), me.known())
    desk.field.fill("这一句不会说出去，因为没有按第二次。")
    button = desk.button("now")
    button.click()
    expect(button).to_contain_text("Cut off and say")
    expect(button).to_contain_text("Now, cuts speech", timeout=6_000)
    desk.field.fill("")


def test_a_text_that_is_too_short_is_refused_beside_the_field(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), me.known())
    desk.put_on_air()
    words = "太短了"
    desk.field.fill(words)
    desk.button("append").click()
    expect(desk.error).to_be_visible()
    expect(desk.error).to_contain_text("10")
    expect(desk.field).to_have_value(words)
    expect(desk.field).to_have_attribute("aria-invalid", "true")
    expect(desk.field).to_be_focused()
    assert stack.rows("SELECT count(*) FROM takeover_takeover WHERE text = ?", words) == [(0,)]
    # The body of a say is stored as the sentence's trace: no takeover, no trace; and none without one.
    known = "SELECT trace_id FROM takeover_takeover"
    orphans = f"SELECT count(*) FROM vendors_command WHERE kind = 'say' AND trace_id NOT IN ({known})"
    assert stack.rows(orphans) == [(0,)]
    box, field = desk.error.bounding_box(), desk.field.bounding_box()
    assert box is not None
    assert field is not None
    assert 0 <= box["y"] - (field["y"] + field["height"]) < 40, "the error stands right below the field"
    desk.page.reload()
    expect(desk.field).to_have_value(words)
    desk.field.fill("")
    me.forgive("422")
