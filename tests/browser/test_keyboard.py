"""Every action of the desk without a pointer: keys alone, focus that is seen, stays, and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.console import ADMIN, OPERATOR, PRODUCER, SAME_PRESS_MS, SPEAK_MS, Desk, Person, pump
from tests.browser.stack import SPEED, Stack
from tests.browser.test_microphone import panel_is
from tests.browser.test_second_person import second_person, undo_window
from tests.browser.test_under_the_hand import NEWER

ROOM, OTHER = "K7Q", "P9X"  # SoftSugar and MetaStudio
LONG = "这是一段很长的话，请大家慢慢听，" * 20 + "说完需要很久。"
HOLD_MS = 1_200
_numbers = count(1)
MOST_STOPS = 250

#: What has focus: its name, and what is wrong with how it is seen ("" = nothing).
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return ["", ""];
  const box = element.getBoundingClientRect();
  const words = element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30);
  const name = [element.tagName, element.id, words].join(" ");
  const ring = [element, element.closest("label")].some((one) => one && getComputedStyle(one).outlineStyle !== "none");
  const x = box.left + Math.min(box.width / 2, 40);
  // Of a long list a part is enough.
  const heights = [box.top + Math.min(box.height / 2, 12), box.top + box.height / 2, box.bottom - 12];
  const ats = heights.map((y) => document.elementFromPoint(x, y)).filter(Boolean);
  const label = element.closest("label");
  const isSeen = ats.some((at) => element.contains(at) || at.contains(element) || label?.contains(at));
  const at = ats[0];
  if (element.matches(".skip")) return [name, ""];
  if (!ring) return [name, "no ring"];
  const outside = box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth;
  if (outside) return [name, "outside the window"];
  return [name, isSeen ? "" : `covered by ${at?.className || at?.tagName}`];
}"""


def has_focus(locator: Locator) -> bool:
    """Of what is on the page: between finding an element and asking it, it may be swapped for a new one."""
    while (answer := locator.evaluate("(one) => one.isConnected && [one === document.activeElement]")) is False:
        pass
    return bool(answer[0])


def tab_to(page: Page, target: Locator, *, key: str = "Tab") -> None:
    """As somebody without a pointer comes there."""
    for _ in range(MOST_STOPS):
        if has_focus(target):
            return
        page.keyboard.press(key)
    raise AssertionError(f"no {key} leads to {target}")


def press_twice(page: Page, key: str, armed: Locator, words: str | re.Pattern[str]) -> None:
    """A dangerous one: the first press says what the second does."""
    page.keyboard.press(key)
    expect(armed).to_contain_text(words)
    page.wait_for_timeout(SAME_PRESS_MS)
    page.keyboard.press(key)


def stops(page: Page) -> list[tuple[str, str]]:
    """Every place that Tab leads to, once round the page."""
    found: list[tuple[str, str]] = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        name, wrong = page.evaluate(FOCUS)
        if wrong:  # once what folds and unfolds has come to rest
            page.wait_for_timeout(100)
            name, wrong = page.evaluate(FOCUS)
        if not name and found:
            return found
        found.append((name, wrong))
    raise AssertionError(f"Tab never leaves the page: {found[-5:]}")


@pytest.fixture
def desk(stack: Stack, person: Callable[..., Person]) -> Desk:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    return desk


@pytest.fixture
def slow_queue(desk: Desk, stack: Stack) -> Iterator[Desk]:
    """A long sentence is heard, slowly, and three wait behind it at the vendor."""
    page = desk.page
    page.keyboard.press("c")
    page.keyboard.insert_text(LONG)
    press_twice(page, "Control+Enter", desk.button("now"), "Cut off and say")
    expect(desk.queue.locator(":scope > [data-state=playing]")).to_be_visible(timeout=SPEAK_MS)
    stack.speed(0.3)
    for number in "一二三":
        page.keyboard.insert_text(f"第{number}句话，请大家仔细听好，马上就说到了。")
        page.wait_for_timeout(SAME_PRESS_MS)
        page.keyboard.press("Enter")
        expect(desk.item(f"第{number}句话")).to_be_visible()
        expect(desk.field).to_have_value("")
    expect(desk.queue.locator(":scope > [data-state=queued]")).to_have_count(3)
    page.keyboard.press("Escape")
    yield desk
    stack.speed(SPEED)
    page.keyboard.press("Shift+Escape")
    expect(desk.queue.locator(":scope > [data-movable], :scope > [data-state=playing]")).to_have_count(0)
    speak_again(desk)


def speak_again(desk: Desk) -> None:
    button = desk.bar.get_by_role("button", name="Let the host speak again")
    expect(button).to_be_visible()
    tab_to(desk.page, button)
    desk.page.keyboard.press("Enter")
    expect(button).to_be_hidden()


def waiting(desk: Desk) -> Locator:
    return desk.queue.locator(":scope > [data-movable]")


def until_order(desk: Desk, wanted: str) -> None:
    texts = waiting(desk).locator(".q-text")
    pump(desk.page, lambda: "".join(text[1] for text in texts.all_text_contents()) == wanted, f"the order is {wanted}")


def test_words_markup_and_scenes_go_out_by_keys(desk: Desk) -> None:
    page = desk.page
    for key, words in (("Enter", "这一句用回车键排在队尾。"), ("Alt+Enter", "这一句用组合键排在句末。")):
        page.keyboard.press("c")
        expect(desk.field).to_be_focused()
        page.keyboard.insert_text(words)
        page.wait_for_timeout(SAME_PRESS_MS)
        page.keyboard.press(key)
        expect(desk.item(words)).to_be_visible()
        expect(desk.field).to_be_focused()
        page.keyboard.press("Escape")
    expect(page.locator("[data-quick] button").first).to_be_visible()
    page.keyboard.press("2")
    expect(desk.item("今天下单明天就发出")).not_to_have_count(0)
    tab_to(page, page.locator("[data-quick] button").nth(2))
    page.keyboard.press("Shift+Enter")  # into the composer instead
    expect(desk.field).not_to_have_value("")
    expect(desk.field).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    # The ways to be heard are tabs: arrows choose, `c` writes in the one that is seen.
    tab_to(page, page.locator("#kind-text"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#kind-ssml")).to_be_focused()
    page.keyboard.press("c")
    field = page.locator("#say-ssml")
    expect(field).to_be_focused()
    page.keyboard.insert_text("大家好，欢迎来到直播间")
    page.keyboard.press("Control+a")
    tab_to(page, page.locator("[data-ssml-tool=sub] summary"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-ssml-tool=sub] [data-of=alias]")).to_be_focused()
    page.keyboard.insert_text("朋友们，欢迎来到直播间")
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile(r'^<speak><sub alias="朋友们，欢迎来到直播间">.*</sub></speak>$'))
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    expect(desk.item("欢迎来到直播间")).to_be_visible()
    page.keyboard.press("Escape")
    tab_to(page, page.locator("#kind-ssml"), key="Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    rate = page.locator("#scene-bit_rate")
    expect(rate).to_be_visible()
    tab_to(page, rate)
    page.keyboard.type("4")
    button = page.get_by_role("button", name="Change the scene")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(desk.queue.locator("[data-state=done]").filter(has_text="Mbit/s").first).to_be_visible(timeout=20_000)
    expect(button).to_be_focused()


def test_the_queue_is_moved_and_cancelled_by_keys(slow_queue: Desk) -> None:
    desk, page = slow_queue, slow_queue.page
    page.keyboard.press("u")
    expect(desk.queue).to_be_focused()
    for _ in range(MOST_STOPS):
        page.keyboard.press("ArrowDown")
        if has_focus(waiting(desk).first):
            break
    held = page.evaluate("document.activeElement.id")
    page.keyboard.press("]")
    until_order(desk, "二一三")
    assert page.evaluate("document.activeElement.id") == held
    tab_to(page, page.locator(f"#{held}").get_by_role("button", name="To the end"))
    page.keyboard.press("Enter")
    until_order(desk, "二三一")
    assert page.evaluate("document.activeElement.closest('li')?.id") == held, "its last button can't be pressed again"
    page.keyboard.press("[")
    until_order(desk, "二一三")
    # One: what could be done with it is gone, and it is still meant.
    page.keyboard.press("Delete")
    until_order(desk, "二三")
    assert page.evaluate("document.activeElement !== document.body")
    # Several, chosen by key.
    for item in (waiting(desk).first, waiting(desk).last):
        page.keyboard.press("u")
        tab_to(page, item, key="ArrowDown")
        page.keyboard.press("x")
    chosen = page.locator(f"#queue-{desk.id} [data-cancel-picked]")
    expect(chosen).to_contain_text("Cancel 2 chosen")
    tab_to(page, chosen)
    press_twice(page, "Enter", chosen, re.compile(r"Cancel K7Q-\d+, K7Q-\d+"))
    expect(waiting(desk)).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body"), "the button is gone; the hand is in the queue"


def test_all_that_wait_are_cancelled_by_keys(slow_queue: Desk) -> None:
    page = slow_queue.page
    button = slow_queue.page.get_by_role("button", name="Cancel all that wait…")
    tab_to(page, button)
    press_twice(page, "Enter", page.locator(".q-foot .btn-armed"), re.compile(r"Cancel K7Q-\d+, K7Q-\d+"))
    expect(waiting(slow_queue)).to_have_count(0)


def test_undo_and_approval_are_one_key_each(desk: Desk, stack: Stack, person: Callable[..., Person]) -> None:
    admin = desk.page.context.new_page()
    undo_window(admin, 10)
    words = f"这句话先放着，用一个按键就能撤回来，第{next(_numbers)}次。"
    theirs = person(stack)
    oki = theirs.desk("M2D", stack.room_id("M2D"), theirs.known(OPERATOR))
    oki.put_on_air()
    try:
        oki.page.keyboard.press("c")
        oki.page.keyboard.insert_text(words)
        oki.page.keyboard.press("Enter")
        expect(oki.item(words).and_(oki.page.locator("[data-state=held]"))).to_be_visible()
        oki.page.keyboard.press("Escape")
        oki.page.keyboard.press("u")
        tab_to(oki.page, oki.item(words), key="ArrowDown")
        oki.page.keyboard.press("Delete")
        expect(oki.field).to_have_value(words)
        expect(oki.page.locator("[data-state=held]")).to_have_count(0)
        undo_window(admin, 0)
        second_person(admin, "撤回来")
        expect(oki.field).to_be_focused()
        oki.page.wait_for_timeout(SAME_PRESS_MS)
        oki.page.keyboard.press("Enter")
        asked = oki.item(words).and_(oki.page.locator("[data-state=awaiting_approval]"))
        expect(asked).to_be_visible()
        ada = Desk(admin, "M2D", oki.id)
        ada.open()
        ada.wait_live()
        admin.keyboard.press("u")
        tab_to(admin, ada.item(words).and_(admin.locator("[data-state=awaiting_approval]")), key="ArrowDown")
        admin.keyboard.press("y")
        expect(asked).to_have_count(0)
        expect(ada.item(words).and_(admin.locator("[data-state=awaiting_approval]"))).to_have_count(0)
        expect(ada.item(words).last).to_be_focused()  # what was approved is still meant
    finally:
        undo_window(admin, 0)
        second_person(admin, "")


def test_silence_by_one_key_and_all_rooms_from_the_dialog(desk: Desk) -> None:
    page = desk.page
    page.keyboard.press("c")
    page.keyboard.press("Shift+Escape")
    speak_again(desk)
    opener = page.get_by_role("button", name="Silence all rooms…")
    tab_to(page, opener)
    page.keyboard.press("Enter")
    dialog = page.locator("#silence-all")
    expect(dialog).to_be_visible()
    hold = dialog.locator("[data-hold-to-silence]")
    expect(hold).to_be_focused()
    page.keyboard.down("Space")
    page.wait_for_timeout(HOLD_MS)
    page.keyboard.up("Space")
    expect(dialog.locator("[data-state=silent]").first).to_be_visible()
    while dialog.locator("[id^=restore-]").count():
        restore = dialog.locator("[id^=restore-]").first
        name = str(restore.get_attribute("id"))
        tab_to(page, restore)
        page.keyboard.press("Enter")
        expect(page.locator(f"#{name}")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_script_is_paused_and_rewritten_by_keys(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known(PRODUCER))
    desk.put_on_air()
    page, script = desk.page, desk.page.locator(".p-script")
    tab_to(page, script.get_by_role("button", name="Pause the script"))
    press_twice(page, "Enter", script.locator(".btn-armed"), "Pause")
    expect(script).to_contain_text("Paused since")
    expect(script.get_by_role("button", name="Resume the script")).to_be_focused()
    tab_to(page, script.get_by_role("link", name="Rewrite"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/script")
    fields = page.locator(".edit-line textarea")
    tab_to(page, page.locator("[data-line-add]"))
    page.keyboard.press("Enter")
    expect(fields.last).to_be_focused()
    page.keyboard.insert_text("这一段只用键盘写，请大家听好。")
    tab_to(page, page.locator(".edit-line").last.locator("[data-line-insert]"))
    page.keyboard.press("Enter")
    expect(fields.last).to_be_focused()
    page.keyboard.insert_text("这一段又拿掉了，谁也听不到。")
    moved = page.locator(".edit-line:focus-within")
    tab_to(page, moved.locator("[data-line-move='-1']"))
    page.keyboard.press("Enter")
    expect(fields.last).to_have_value("这一段只用键盘写，请大家听好。")
    tab_to(page, moved.locator("[data-line-remove]"))
    page.keyboard.press("Enter")
    expect(fields.last).to_be_focused()
    expect(page.locator(".edit-lines")).not_to_contain_text("谁也听不到")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    seen = page.locator("button[name=seen]")
    expect(seen).to_be_visible()
    tab_to(page, seen)
    press_twice(page, "Enter", seen, "Viewers hear the new words")
    page.wait_for_url(f"**/rooms/{ROOM}")
    expect(page.locator(".p-script")).to_contain_text("这一段只用键盘写")
    page.keyboard.press("p")
    expect(script).not_to_contain_text("Paused since")


def test_questions_are_claimed_answered_and_closed_by_keys(desk: Desk, stack: Stack) -> None:
    page = desk.page
    for text in ("用键盘能回答这个提问吗", "这个提问只需要关掉可以吗"):
        stack.comment(ROOM, text)
    answered, closed = (page.locator(".ask").filter(has_text=text) for text in ("能回答这个", "只需要关掉"))
    expect(closed).to_be_visible()
    page.keyboard.press("q")
    tab_to(page, answered, key="ArrowDown")
    page.keyboard.press("x")
    expect(answered).to_have_attribute("data-state", "claimed")
    expect(answered).to_be_focused()
    release = answered.get_by_role("button", name="Release")
    tab_to(page, release)
    page.keyboard.press("Enter")
    expect(answered).to_have_attribute("data-state", "open")
    expect(answered).to_be_focused()  # its button is gone, the question is still meant
    page.wait_for_timeout(SAME_PRESS_MS)
    page.keyboard.press("Enter")
    expect(desk.field).to_be_focused()
    expect(page.locator("[data-dock-about]")).to_contain_text("能回答这个")
    page.keyboard.insert_text("可以的，这一句就是用键盘回答的，请听好。")
    page.keyboard.press("Enter")
    expect(answered).to_have_count(0, timeout=SPEAK_MS)
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    tab_to(page, closed, key="ArrowDown")
    page.keyboard.press("Delete")
    page.keyboard.press("c")
    expect(closed).to_have_count(0)


def on_a_tapped_line(stack: Stack, person: Callable[..., Person]) -> tuple[Desk, list[WebSocketRoute]]:
    """A desk on air, and its sockets, the newest last: what the test sends over them comes as from the server."""
    me = person(stack)
    sockets: list[WebSocketRoute] = []
    me.context.route_web_socket("**/ws/live", lambda one: (one.connect_to_server(), sockets.append(one)))
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    return desk, sockets


def test_a_dialog_gives_the_focus_back_though_its_button_was_swapped(
    stack: Stack, person: Callable[..., Person]
) -> None:
    desk, sockets = on_a_tapped_line(stack, person)
    page = desk.page
    opener = desk.bar.locator("[data-action=stop_job]")
    tab_to(page, opener)
    page.keyboard.press("Enter")
    dialog = page.locator(f"#stop-{desk.id}")
    expect(dialog.locator("[autofocus]")).to_be_focused()  # the safe side
    # What a swap does where the button's own words have changed.
    opener.evaluate("(button) => button.replaceWith(button.cloneNode(true))")
    for frame in page.evaluate(NEWER, 4):
        sockets[-1].send(frame)
    pump(page, lambda: desk.bar.get_attribute("data-update") is not None, "the bar has changed")
    tab_to(page, dialog.locator("[name=reason]"), key="Shift+Tab")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("Queue")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_the_focus_stays_through_swaps(stack: Stack, person: Callable[..., Person]) -> None:
    desk, sockets = on_a_tapped_line(stack, person)
    page = desk.page
    page.evaluate(
        "window.swaps = 0; document.addEventListener('live:swap', ({ detail }) =>"
        " detail.root.contains?.(document.activeElement) && (window.swaps += 1))"
    )
    lost: list[str] = []
    for name in ("Silence", "Stop", "Steer", "Pause the script"):
        target = (
            page.locator(".roombar, .p-script")
            .get_by_role("button", name=name)
            .or_(page.locator(".p-script").get_by_role("link", name=name))
            .first
        )
        tab_to(page, target)
        page.evaluate("window.swaps = 0")
        for frame in page.evaluate(NEWER, 4):
            sockets[-1].send(frame)
        pump(page, lambda: bool(page.evaluate("swaps > 0")), f"what holds {name} was swapped")
        if not has_focus(target):
            lost.append(name)
    assert lost == []


#: How far everything around the element is scrolled.
SCROLLED = """(element) => {
  const all = [];
  for (let one = element; one; one = one.parentElement) all.push(one.scrollTop);
  return all.reduce((sum, top) => sum + top, 0);
}"""


def test_a_swap_scrolls_nothing_back_to_the_focus(stack: Stack, person: Callable[..., Person]) -> None:
    desk, sockets = on_a_tapped_line(stack, person)
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 480})
    for number in range(6):
        stack.comment(ROOM, f"请问第{number}种伞骨能不能换")
    rows = page.locator(".ask").filter(has_text="伞骨")
    expect(rows).to_have_count(6)
    row = rows.last
    row.hover()
    page.keyboard.press("Shift")  # by key, so the focus is seen
    row.focus()
    page.wait_for_timeout(200)
    row.evaluate("(row) => (window.row0 = row)")
    before = row.evaluate(SCROLLED)
    page.mouse.wheel(0, -2_000)
    pump(page, lambda: row.evaluate(SCROLLED) < before - 40, "the reader scrolled on")
    page.wait_for_timeout(300)
    read = row.evaluate(SCROLLED)
    for frame in page.evaluate(NEWER, 4):
        sockets[-1].send(frame)
    pump(page, lambda: bool(page.evaluate("!window.row0.isConnected")), "what holds the row was swapped")
    assert has_focus(row)
    page.wait_for_timeout(200)
    assert row.evaluate(SCROLLED) == read


@pytest.mark.parametrize("width", [1440, 390])
def test_the_focus_is_seen_wherever_tab_leads(stack: Stack, person: Callable[..., Person], width: int) -> None:
    me = person(stack, reduced_motion="reduce")
    page = me.known()
    for code in (ROOM, OTHER):
        me.desk(code, stack.room_id(code), page).put_on_air()
    page.set_viewport_size({"width": width, "height": 640})  # so that some come into view from above
    wrong: list[str] = []
    for path in ("rooms/K7Q", "rooms/K7Q/script", "rooms/P9X/steer", "takeovers", "library/phrases"):
        page.goto(f"/t/demo/{path}")
        expect(page.locator("#beat b")).to_contain_text("live")
        found = stops(page)
        assert len(found) > 8, found
        wrong += [f"{path}: {name}: {what}" for name, what in found if what]
    assert wrong == []


def test_the_microphone_is_armed_held_latched_and_taken_by_keys(stack: Stack, talker: Callable[..., Person]) -> None:
    me, colleague = talker(stack), talker(stack)
    desk = me.desk(OTHER, stack.room_id(OTHER), me.known(ADMIN))
    desk.put_on_air()
    page, key = desk.page, desk.page.locator("[data-talk-key]")
    for one in (page,):
        tab_to(one, one.locator("#kind-text"))
        one.keyboard.press("End")
        tab_to(one, key)
    page.keyboard.press("Space")
    panel_is(page, "armed")
    page.keyboard.down("Space")
    panel_is(page, "open")
    page.keyboard.up("Space")
    panel_is(page, "armed")
    expect(page.locator("[data-talk-said]")).to_have_text("Heard to the end.", timeout=SPEAK_MS)
    page.keyboard.press("Enter")  # press by press, for hands that can't hold
    panel_is(page, "open")
    page.keyboard.press("Enter")
    panel_is(page, "armed")
    other = colleague.desk(OTHER, desk.id, colleague.known(PRODUCER))
    expect(other.bar.locator(".fact-floor")).to_contain_text("Ada")
    theirs = other.page
    tab_to(theirs, theirs.locator("#kind-text"))
    theirs.keyboard.press("End")
    take = theirs.get_by_role("button", name="Take the floor…")
    tab_to(theirs, take)
    theirs.keyboard.press("Enter")
    dialog = theirs.locator("#take-floor")
    expect(dialog.locator("[autofocus]")).to_be_focused()
    theirs.keyboard.press("Escape")
    expect(take).to_be_focused()
    theirs.keyboard.press("Enter")
    tab_to(theirs, dialog.locator("[name=reason]"), key="Shift+Tab")
    theirs.keyboard.type("wrong price")
    submit = dialog.locator("[type=submit]")
    tab_to(theirs, submit)
    press_twice(theirs, "Enter", submit, "Cut off and take the floor")
    panel_is(page, "off")
    expect(other.bar.locator(".fact-floor")).to_contain_text("Pia")
    give = theirs.get_by_role("button", name="Give the floor up")
    tab_to(theirs, give)
    theirs.keyboard.press("Enter")
    expect(other.bar.locator(".fact-floor")).to_have_count(0)
    assert not me.complaints + colleague.complaints
