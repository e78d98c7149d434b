"""The question desk in a browser: asked, claimed, answered, gone; a colleague's claim holds the answer back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.console import OPERATOR, Desk, Person
from tests.browser.stack import Stack
from tests.browser.test_second_person import undo_window

ROOM = "K7Q"
WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样一支。"


def question(desk: Desk, text: str) -> Locator:
    return desk.page.locator(".ask").filter(has_text=text)


def test_a_question_is_claimed_answered_and_gone(stack: Stack, person: Callable[..., Person]) -> None:
    admin, oki = person(stack), person(stack)
    ada = admin.desk(ROOM, stack.room_id(ROOM), admin.known())
    ada.put_on_air()
    ada.wait_live()
    theirs = oki.desk(ROOM, stack.room_id(ROOM), oki.known(OPERATOR))
    theirs.wait_live()
    for text in ("请问这一支会不会拔干？", "这一支会不会拔干呀", "可以刻上名字送人吗"):
        stack.comment(ROOM, text)
    row, seen = question(ada, "会不会拔干"), question(theirs, "会不会拔干")
    expect(row).to_contain_text("and 1 alike")
    expect(seen).to_be_visible()
    ada.page.keyboard.press("q")
    expect(ada.page.locator(".ask").first).to_be_focused()
    row.focus()
    row.locator("[data-answer].if-free").click()
    expect(ada.page.locator("[data-dock-about]")).to_contain_text("会不会拔干")
    # The colleague sees whose it is, and only a second press takes it.
    expect(seen).to_have_attribute("data-state", "claimed")
    expect(seen.locator(".end .if-theirs")).to_have_text("Ada Lin")
    seen.focus()
    expect(seen.locator("[data-answer].if-free")).to_be_hidden()
    theirs.press_twice(seen.locator("[data-answer].if-theirs"), "Take it from Ada Lin and answer")
    expect(row.locator(".end .if-theirs")).to_have_text("Oki Wang")
    # Ada's words are refused by name, and kept.
    ada.field.fill(WORDS)
    ada.button("append").click()
    expect(ada.error).to_contain_text("Oki Wang answers this question")
    expect(ada.field).to_have_value(WORDS)
    admin.forgive("409")
    theirs.field.fill(WORDS)
    theirs.button("append").click()
    expect(row).to_have_count(0, timeout=30_000)
    expect(seen).to_have_count(0, timeout=30_000)
    expect(question(ada, "刻上名字")).to_be_visible()
    question(ada, "刻上名字").focus()
    question(ada, "刻上名字").get_by_role("button", name="Needs no answer").click()
    expect(question(theirs, "刻上名字")).to_have_count(0)


def test_an_undone_answer_names_its_question_until_the_composer_is_emptied(
    stack: Stack, person: Callable[..., Person]
) -> None:
    """A link that nobody sees books the next words to a question of minutes ago."""
    admin, oki = person(stack).known(), person(stack)
    undo_window(admin, 10)
    desk = oki.desk(ROOM, stack.room_id(ROOM), oki.known(OPERATOR))
    page, about, link = desk.page, desk.page.locator("[data-dock-about]"), desk.page.locator("[name=answers]").first
    desk.put_on_air()
    stack.comment(ROOM, "请问洗了以后会不会缩水呀")
    question(desk, "缩水").focus()
    question(desk, "缩水").locator("[data-answer].if-free").click()
    expect(about).to_contain_text("缩水")
    event = link.input_value()
    desk.field.fill(WORDS)
    desk.field.press("Enter")
    expect(desk.item(WORDS).and_(page.locator("[data-state=held]"))).to_be_visible()
    expect(link).to_have_value("")
    desk.field.press("Control+z")
    expect(desk.field).to_have_value(WORDS)
    expect(about).to_contain_text("缩水")
    expect(link).to_have_value(event)
    keyboard = page.context.new_cdp_session(page)
    desk.field.select_text()
    for text in ("shui", ""):  # an input method begins over all of it, and is cancelled
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    expect(desk.field).to_have_value("")
    expect(about).to_be_hidden()
    expect(link).to_have_value("")
    page.reload()
    expect(page.locator("[name=answers]").first).to_have_value("")
    undo_window(admin, 0)


def test_rows_stay_under_the_hand(stack: Stack, person: Callable[..., Person]) -> None:
    admin, oki = person(stack), person(stack)
    ada = admin.desk(ROOM, stack.room_id(ROOM), admin.known())
    ada.put_on_air()
    ada.wait_live()
    theirs = oki.desk(ROOM, stack.room_id(ROOM), oki.known(OPERATOR))
    theirs.wait_live()
    for text in ("第一个问题是伞骨能不能换", "怎么领取会员积分", "明天几点还有直播"):
        stack.comment(ROOM, text)
    first, second = question(ada, "第一个问题"), question(ada, "会员积分")
    expect(question(ada, "几点")).to_be_visible()
    second.hover()
    before = second.bounding_box()
    question(theirs, "第一个问题").focus()
    question(theirs, "第一个问题").get_by_role("button", name="Needs no answer").click()
    expect(first).to_have_attribute("data-gone", "")
    assert second.bounding_box() == before
    ada.field.hover()
    expect(first).to_have_count(0)


def test_they_come_to_a_page_whose_scripts_are_slow(stack: Stack, person: Callable[..., Person]) -> None:
    """What is asked for as the page stands is answered before its last script has come."""
    page = person(stack).known()
    page.route("**/js/panic*.js", lambda route: (page.wait_for_timeout(600), route.continue_()))
    page.goto(f"/t/demo/rooms/{ROOM}")
    expect(page.locator(".asked-head")).to_be_visible()
