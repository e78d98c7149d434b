"""Two people: what one says is held, taken back, sent, approved by the other, or returned; nothing by accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console import ADMIN, OPERATOR, SAME_PRESS_MS, Desk, Person
from tests.browser.stack import Stack
from tests.sounds import wav

ROOM = "M2D"
HELD, ASKED = "[data-state=held]", "[data-state=awaiting_approval]"


@pytest.fixture
def oki(stack: Stack, person: Callable[..., Person]) -> Person:
    return person(stack)


@pytest.fixture
def people(stack: Stack, person: Callable[..., Person], oki: Person) -> Iterator[tuple[Desk, Page]]:
    """Oki at the desk of a room on air whose words need somebody else, and Ada on the list of all takeovers."""
    ada = person(stack).known(ADMIN)
    desk = oki.desk(ROOM, stack.room_id(ROOM), oki.known(OPERATOR))
    desk.put_on_air()
    undo_window(ada, 3)
    second_person(ada, "审批")
    ada.goto("/t/demo/takeovers")
    yield desk, ada
    second_person(ada, "")
    undo_window(ada, 0)


def undo_window(admin: Page, seconds: int) -> None:
    admin.goto("/t/demo/team")
    admin.locator("#undo-window [name=operator]").fill(str(seconds))
    admin.locator("#undo-window [data-action=edit_policy]").click()
    expect(admin.locator(".toast")).to_contain_text("undo window")


def second_person(admin: Page, words: str) -> None:
    admin.goto(f"/t/demo/rooms/{ROOM}/second-person")
    admin.locator("[name=words]").fill(words)
    admin.locator("[data-action=edit_policy]").click()
    expect(admin.locator(".toast")).to_contain_text("Saved")


def say(desk: Desk, words: str) -> None:
    desk.field.fill(words)
    desk.field.press("Enter")
    expect(desk.item(words).and_(desk.page.locator(f":is({HELD}, {ASKED})"))).to_be_visible()


def test_held_words_come_back_by_button_and_key(people: tuple[Desk, Page], stack: Stack) -> None:
    desk, _ada = people
    words = "这句话先放三秒钟，按了撤回就不会有人听到。"
    for take_back in (
        lambda: desk.item(words).and_(desk.page.locator(HELD)).locator("[data-undo]").click(),
        lambda: desk.field.press("Control+z"),
    ):
        say(desk, words)
        expect(desk.field).to_have_value("")
        take_back()
        expect(desk.field).to_have_value(words)
        expect(desk.page.locator(HELD)).to_have_count(0)
    assert stack.audible(words) == []


def test_marked_up_words_come_back_to_their_own_tab_in_front_of_what_was_typed_since(
    people: tuple[Desk, Page], stack: Stack
) -> None:
    desk, ada = people
    undo_window(ada, 10)
    page = desk.page
    tab, field = page.get_by_role("tab", name="SSML"), page.locator("#say-ssml")
    tab.click()
    field.fill('<speak>这一句带标记，<break time="300ms"/>先放三秒钟。</speak>')
    field.press("Enter")
    held = desk.item("先放三秒钟").and_(page.locator(HELD))
    expect(held).to_be_visible()
    expect(field).to_have_value("")
    field.fill("<speak>后来又写了一句。</speak>")
    page.get_by_role("tab", name="Text").click()
    held.locator("[data-undo]").click()
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value('<speak>这一句带标记，<break time="300ms"/>先放三秒钟。\n后来又写了一句。</speak>')
    expect(page.locator(".ssml-faults")).to_have_count(0)
    expect(desk.field).to_have_value("")
    assert stack.audible("先放三秒钟") == []
    field.fill("")


def test_a_clip_comes_back_chosen_in_its_own_tab(people: tuple[Desk, Page], stack: Stack) -> None:
    desk, ada = people
    undo_window(ada, 10)
    add_clip(ada, "片头音乐")
    page = desk.page
    tab, choice = page.get_by_role("tab", name="Clip"), page.locator("#say-clip")
    tab.click()
    choice.select_option(label="片头音乐 · 2.0 s")
    chosen = choice.input_value()
    page.locator("form[data-dock-clip] button[value=append]").click()
    held = desk.item("片头音乐").and_(page.locator(HELD))
    expect(held).to_be_visible()
    page.reload()  # so that the tab has not fetched its clips yet
    page.get_by_role("tab", name="Text").click()
    held.locator("[data-undo]").click()
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(choice).to_have_value(chosen)
    expect(page.locator("[data-clip-listen]")).to_be_visible()
    expect(held).to_have_count(0)
    page.locator("form[data-dock-clip] button[value=append]").click()
    expect(held).to_be_visible()
    choice.select_option("")
    held.locator("[data-undo]").click()
    expect(choice).to_have_value(chosen)
    assert stack.audible("片头音乐") == []


def add_clip(admin: Page, name: str) -> None:
    admin.goto("/t/demo/library/clips")
    admin.locator("[name=file]").set_input_files({"name": "a.wav", "mimeType": "audio/wav", "buffer": wav(2.0)})
    admin.locator("[name=name]").fill(name)
    admin.locator("form:has([name=file]) [type=submit]").click()
    expect(admin.locator(".toast")).to_contain_text(name)


def test_enter_again_sends_at_once_but_a_bounce_does_not(people: tuple[Desk, Page]) -> None:
    desk, _ada = people
    words = "这句话按两次回车，第二次是立即发送的意思。"
    desk.field.fill(words)
    desk.field.press("Enter")
    expect(desk.item(words).and_(desk.page.locator(HELD))).to_be_visible()
    expect(desk.field).to_have_value("")
    desk.page.wait_for_timeout(SAME_PRESS_MS)
    desk.field.press("Enter")
    expect(desk.item(words).and_(desk.page.locator(HELD))).to_have_count(0, timeout=1500)


def test_the_second_person_approves_by_one_key(people: tuple[Desk, Page], stack: Stack) -> None:
    desk, ada = people
    words = "这句话要先审批，另一个人点头以后观众才听到。"
    say(desk, words)
    own = desk.item(words).and_(desk.page.locator(ASKED)).locator("[data-item-key=y]")
    expect(own).to_have_attribute("aria-disabled", "true")
    row = ada.locator("#takeovers-approval .tk", has_text=words)
    expect(row).to_be_visible()
    expect(ada.locator("[data-count=approval] b")).to_have_text("1")
    assert stack.audible(words) == []
    ada.keyboard.press("j")
    ada.keyboard.press("y")
    expect(row).to_have_count(0)
    expect(desk.item(words).and_(desk.page.locator("[data-state=done]"))).to_be_visible(timeout=60_000)
    assert len(stack.audible(words)) == 1


def test_returned_words_tell_their_author_why(people: tuple[Desk, Page], stack: Stack) -> None:
    desk, ada = people
    words = "这句话也要审批，不过会被退回来重新写。"
    say(desk, words)
    row = ada.locator("#takeovers-approval .tk", has_text=words)
    expect(row).to_be_visible()
    ada.keyboard.press("j")
    ada.keyboard.press("r")
    expect(ada.locator("#return-words")).to_contain_text(words)
    ada.keyboard.type("Check the price")
    ada.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(desk.page.locator(".toast[data-tone=warn]")).to_contain_text(
        "Ada Lin returned it: Check the price. Nothing was heard."
    )
    assert stack.audible(words) == []


def test_now_takes_a_second_press_and_a_key_that_stays_down_is_one(people: tuple[Desk, Page], stack: Stack) -> None:
    desk, _ada = people
    words = "这句话要马上打断，必须按两次才会发出去。"
    desk.field.fill(words)
    desk.field.press("Control+Enter")
    expect(desk.button("now")).to_contain_text("Cut off and say")
    desk.page.wait_for_timeout(SAME_PRESS_MS)
    desk.field.dispatch_event("keydown", {"key": "Enter", "ctrlKey": True, "repeat": True, "bubbles": True})
    expect(desk.button("now")).to_contain_text("Cut off and say")
    expect(desk.item(words)).to_have_count(0)
    desk.field.press("Control+Enter")
    expect(desk.item(words)).to_be_visible()
    expect(desk.item(words).and_(desk.page.locator(HELD))).to_have_count(0)


def test_a_forgotten_second_press_is_forgotten(people: tuple[Desk, Page]) -> None:
    desk, _ada = people
    words = "这句话只按了一次，四秒以后等于没有按过。"
    desk.field.fill(words)
    desk.field.press("Control+Enter")
    expect(desk.button("now")).to_contain_text("Cut off and say")
    expect(desk.button("now")).not_to_contain_text("Cut off and say", timeout=5000)
    desk.field.press("Control+Enter")
    expect(desk.button("now")).to_contain_text("Cut off and say")
    expect(desk.item(words)).to_have_count(0)


def test_a_428_arms_the_button_with_the_servers_words(people: tuple[Desk, Page], oki: Person) -> None:
    """The page thought one press enough: what it says when the item began meanwhile is a question, not an error."""
    desk, _ada = people
    words = "这句话正在播报的时候，取消要再按一次才行。"
    say(desk, words)
    button = desk.item(words).locator("[data-item-key=Delete]")
    desk.page.route(
        "**/takeovers/*/undo",
        lambda route: route.fulfill(status=428, body="It is being heard now.", headers={"X-Arm": "Cut%20it%20off"}),
        times=1,
    )
    button.click()
    expect(button).to_contain_text("Cut it off")
    expect(desk.page.locator(".toast", has_text="It is being heard now.")).to_be_visible()
    oki.forgive("428")
