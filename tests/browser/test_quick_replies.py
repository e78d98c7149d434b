"""Quick replies: a key says a phrase at the end, Shift puts it into the composer, and so does what is refused."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.console import PRODUCER, SAME_PRESS_MS, VIEWER, Person
from tests.browser.stack import Stack

ROOM = "K7Q"
DELIVERY = "今天下单明天就发出，江浙沪隔天到，其他地区三天左右。"
PRICE = "丝绒口红 203 陶土红今天直播间到手199元，喜欢的朋友抓紧时间拍。"


def test_a_key_says_it_and_a_field_keeps_the_digit(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    expect(page.locator("[data-quick] button").first).to_be_visible()
    desk.field.click()
    page.keyboard.type("2")
    expect(desk.field).to_have_value("2")
    desk.field.fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(desk.item(DELIVERY)).to_have_count(1)
    page.keyboard.press("1")
    expect(desk.item(PRICE)).to_have_count(1)


def test_shift_puts_it_into_the_composer_behind_what_is_there(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    desk.field.fill("先说一句。")
    page.locator("[data-quick] button").nth(2).click(modifiers=["Shift"])
    expect(desk.field).to_have_value("先说一句。\n七天之内无理由退换，来回运费险我们已经送了。")
    desk.field.fill("")


def test_a_new_phrase_moves_the_keys_of_every_open_desk(stack: Stack, person: Callable[..., Person]) -> None:
    me, other = person(stack), person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    first = desk.page.locator("[data-quick] button[data-key='1']")
    expect(first).to_be_visible()
    was = first.inner_text()
    page = other.known(PRODUCER)
    page.goto("/t/demo/library/phrases/new")
    expect(page.locator("[name=place]")).not_to_have_value("1")
    page.fill("[name=title]", "Zeroth")
    page.fill("[name=text]", "这一句现在站在最前面，请看一看。")
    page.fill("[name=place]", "0")
    page.get_by_role("button", name="Save").click()
    expect(first).to_contain_text("Zeroth")
    page.get_by_role("link", name="Zeroth").click()
    delete = page.get_by_role("button", name="Delete")
    delete.click()
    page.wait_for_timeout(SAME_PRESS_MS)
    delete.click()
    expect(first).to_have_text(was)


def test_without_a_product_the_price_is_refused_and_its_words_are_kept(
    stack: Stack, person: Callable[..., Person]
) -> None:
    me, other = person(stack), person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    theirs = other.desk(ROOM, stack.room_id(ROOM), other.known())
    expect(theirs.page.locator("#on-sale")).not_to_have_value("")
    chosen = page.locator("#on-sale").input_value()
    page.locator("#on-sale").select_option("")
    expect(theirs.page.locator("#on-sale")).to_have_value("")  # the other desk follows
    page.locator("[data-quick] button").first.click()
    expect(desk.field).to_have_value("{product}今天直播间到手{price}，喜欢的朋友抓紧时间拍。")
    expect(page.locator(".toasts")).to_contain_text("has no value in this room")
    desk.field.fill("")
    page.locator("#on-sale").select_option(chosen)
    expect(theirs.page.locator("#on-sale")).to_have_value(chosen)
    me.forgive("422")


def test_who_only_watches_says_nothing(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    page = me.known(VIEWER)
    page.goto(f"/t/demo/rooms/{ROOM}")
    button = page.locator("[data-quick] button").first
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#on-sale")).to_be_disabled()
