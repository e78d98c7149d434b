"""The queue in the hand: drag, buttons and keys, the same order in every tab, several cancelled by a second press."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.console import SAME_PRESS_MS, SPEAK_MS, Desk, Person, pump
from tests.browser.stack import SPEED, Stack

ROOM = "K7Q"
LONG = "这是一段很长的话，请大家慢慢听，" * 20 + "说完需要很久。"


@pytest.fixture
def desk(stack: Stack, person: Callable[..., Person]) -> Iterator[Desk]:
    """A room where a long sentence is heard, slowly, and three wait behind it at the vendor."""
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    stack.speed(SPEED)
    desk.say(LONG, "now")
    desk.page.wait_for_timeout(SAME_PRESS_MS)
    if desk.button("now").evaluate("(button) => button.classList.contains('btn-armed')"):
        desk.button("now").click()
    expect(desk.queue.locator(":scope > [data-state=playing]")).to_be_visible(timeout=SPEAK_MS)
    stack.speed(0.3)
    for number in "一二三":
        desk.say(f"第{number}句话，请大家仔细听好，马上就说到了。")
        expect(waiting(desk).last).to_contain_text(f"第{number}句话")
        desk.page.wait_for_timeout(SAME_PRESS_MS)
    expect(waiting(desk).and_(desk.page.locator("[data-state=queued]"))).to_have_count(3)
    yield desk
    stack.speed(SPEED)
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Shift+Escape")
    expect(desk.queue.locator(":scope > [data-movable], :scope > [data-state=playing]")).to_have_count(0)
    resume = desk.page.locator("[data-action=silence]").filter(has_text="speak")
    if resume.count():
        resume.first.click()


def waiting(desk: Desk) -> Locator:
    """Of ours: a rule may answer somebody meanwhile."""
    return desk.queue.locator(":scope > [data-movable]").filter(has_text="句话，请大家仔细听好")


def order(desk: Desk) -> list[str]:
    texts: list[str] = waiting(desk).locator(".q-text").all_text_contents()
    return [text[1] for text in texts]


def until_order(desk: Desk, wanted: str) -> None:
    pump(desk.page, lambda: "".join(order(desk)) == wanted, f"the order is {wanted}")


def test_buttons_keys_and_drag_move_an_item_in_every_tab(desk: Desk, stack: Stack) -> None:
    tab = Desk(desk.page.context.new_page(), ROOM, desk.id)
    tab.open()
    tab.wait_live()
    status = desk.page.locator("#status")
    # by button
    last = waiting(desk).last
    last.hover()
    last.get_by_role("button", name="To the front").click()
    until_order(desk, "三一二")
    expect(status).to_contain_text("now 1 of 3, saved")
    expect(waiting(desk).first).to_have_attribute("data-moved", "saved")
    # by key: the item that was moved keeps the focus, and the key means it
    waiting(desk).first.focus()
    held = waiting(desk).first.get_attribute("id")
    desk.page.keyboard.press("]")
    until_order(desk, "一三二")
    assert desk.page.evaluate("document.activeElement.id") == held
    desk.page.keyboard.press("]")
    until_order(desk, "一二三")
    expect(status).to_contain_text("now 3 of 3, saved")
    desk.page.keyboard.press("[")
    until_order(desk, "一三二")
    # by drag: the last one before the first
    drag(desk, waiting(desk).last, waiting(desk).first)
    until_order(desk, "二一三")
    until_order(tab, "二一三")
    session = stack.rows("SELECT vendor_ref FROM jobs_job WHERE room_id = ? ORDER BY id DESC", desk.id)[0][0]
    assert session


#: What is read in a row and lies below what can be done with it, once that is shown.
COVERED = """(row) => {
  const acts = row.querySelector(".q-acts").getBoundingClientRect();
  return [...row.querySelectorAll(".q-text, .q-meta > *, .q-eta")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < acts.right && acts.left < box.right && box.top < acts.bottom && acts.top < box.bottom;
  }).map((one) => one.textContent);
}"""


@pytest.mark.parametrize("width", [1440, 1344, 1024])
def test_a_press_on_a_row_chooses_it_whatever_appears_under_the_pointer(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 1000})
    row, asked = waiting(desk).last, []
    desk.page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    read = row.locator(".q-meta > *").all()
    for there in (row, *read):
        waiting(desk).first.click(position={"x": 60, "y": 12})
        expect(row).not_to_have_attribute("aria-current", "true")
        there.hover()
        expect(row.locator(".q-acts")).to_be_visible()
        assert row.evaluate(COVERED) == []
        there.click()
        expect(row).to_have_attribute("aria-current", "true")
    assert row.evaluate(COVERED) == []
    assert (order(desk), [url for url in asked if "takeovers" in url]) == (["一", "二", "三"], [])
    waiting(desk).first.focus()
    expect(waiting(desk).first.locator(".q-acts")).to_be_visible()
    desk.page.set_viewport_size({"width": 1440, "height": 1000})


def test_every_press_of_a_key_is_a_step_however_fast(desk: Desk) -> None:
    last = waiting(desk).last
    last.focus()
    for _ in range(2):
        desk.page.keyboard.press("[")
    until_order(desk, "三一二")
    expect(desk.page.locator("#status")).to_contain_text("now 1 of 3, saved")
    for _ in range(2):
        desk.page.keyboard.press("]")
    until_order(desk, "一二三")
    desk.page.keyboard.press("[")
    until_order(desk, "一三二")
    expect(desk.page.locator("#toasts .toast[data-tone]")).to_have_count(0)


def test_presses_wait_for_an_answer_that_comes_late(desk: Desk) -> None:
    moves: list[Route] = []
    desk.page.route("**/takeovers/*/move", lambda route: moves.append(route), times=1)
    waiting(desk).last.focus()
    for _ in range(2):
        desk.page.keyboard.press("[")
    desk.page.wait_for_timeout(4_000)
    assert order(desk) == ["一", "二", "三"]
    moves[0].continue_()
    until_order(desk, "三一二")
    expect(desk.page.locator("#status")).to_contain_text("now 1 of 3, saved")


def drag(desk: Desk, what: Locator, before: Locator) -> None:
    """With real pointer events, in the way a hand does it."""
    mouse = desk.page.mouse
    grip = what.locator("[data-grip]")
    grip.scroll_into_view_if_needed()
    start = grip.bounding_box()
    assert start
    mouse.move(start["x"] + 8, start["y"] + 8)
    mouse.down()
    mouse.move(start["x"] + 8, start["y"] - 10, steps=3)
    expect(what).to_have_attribute("data-dragging", "")

    def is_aimed() -> bool:
        """Near the upper edge the list scrolls by itself: the hand follows."""
        box = before.bounding_box()
        assert box
        mouse.move(start["x"] + 8, box["y"] + 4, steps=2)
        return before.get_attribute("data-drop") == "before"

    pump(desk.page, is_aimed, "the drop is shown before the first")
    mouse.up()


def test_two_tabs_move_the_same_item_and_one_is_told(desk: Desk, stack: Stack, person: Callable[..., Person]) -> None:
    """The second one's page did not show the first one's move yet."""
    other = person(stack)
    theirs = other.desk(ROOM, desk.id, other.known("oki@demo.talkback.test"))
    theirs.wait_live()
    item = waiting(theirs).last
    pk = str(item.get_attribute("id"))
    theirs.page.keyboard.press(".")  # this page holds still
    waiting(desk).last.hover()
    waiting(desk).last.get_by_role("button", name="To the front").click()
    until_order(desk, "三一二")
    item.hover()
    item.get_by_role("button", name="Up").click()
    expect(theirs.page.locator("#toasts")).to_contain_text("moved")
    expect(theirs.page.locator(f"#{pk}")).to_have_attribute("data-moved", "kept")
    assert order(desk) == ["三", "一", "二"]
    other.forgive("409")
    theirs.page.keyboard.press(".")
    until_order(theirs, "三一二")


COLOURS = """(rows) => rows.map((row) => getComputedStyle(row).getPropertyValue("--inkt"))"""
WASH = "(row) => getComputedStyle(row).backgroundColor"


def test_what_a_rule_says_has_one_colour_and_not_a_persons(desk: Desk, stack: Stack) -> None:
    said = desk.queue.locator(":scope > [data-state=playing]")
    here = ":scope, .q-pos, .chip, .ladder, [aria-current=step]"
    heard = desk.page.locator(f"#now-{desk.id} .hear").first
    persons, wash = said.locator(here).evaluate_all(COLOURS), said.evaluate(WASH)
    assert set(persons) == set(heard.evaluate_all(COLOURS))
    stack.execute("UPDATE takeover_takeover SET source = 'rule' WHERE text = ? AND state = 'playing'", LONG)
    desk.open()
    expect(heard).to_have_attribute("data-voice", "avatar")
    rules = said.locator(here).evaluate_all(COLOURS)
    assert len(rules) == len(persons)
    assert set(rules) == set(heard.evaluate_all(COLOURS)) != set(persons)
    assert said.evaluate(WASH) != wash


def test_several_are_chosen_by_key_and_cancelled_by_name_with_a_second_press(desk: Desk) -> None:
    first, last = waiting(desk).first, waiting(desk).last
    names = [str(one.get_attribute("data-item")) for one in (first, last)]
    first.focus()
    desk.page.keyboard.press("x")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("x")
    button = desk.page.locator(f"#queue-{desk.id} [data-cancel-picked]")
    expect(button).to_contain_text("Cancel 2 chosen")
    desk.press_twice(button, f"Cancel {names[0]}, {names[1]}")
    expect(waiting(desk)).to_have_count(1)
    expect(desk.page.locator("#toasts")).to_contain_text(names[1])
    until_order(desk, "二")


def test_each_waiting_item_tells_when_it_will_be_heard(desk: Desk) -> None:
    shown = waiting(desk).locator(".q-eta time").evaluate_all("(all) => all.map((one) => one.dateTime)")
    assert len(shown) == 3
    assert shown == sorted(shown)
