"""The editor of marked-up words: tools by keyboard, a way to each fault, and nothing that is typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.console import Person
from tests.browser.stack import Stack

#: SoftSugar is given no tags, so it has no tools for them.
METASTUDIO, ROOM = "W8N", "K7Q"
WORDS = "大家好！今天到手价199元，拍下就送小样。"
BOMB = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'


def editor(page: Page) -> None:
    page.get_by_role("tab", name="SSML").click()


def select(page: Page, words: str) -> None:
    page.locator("#say-ssml").evaluate(
        "(field, words) => { const at = field.value.indexOf(words); field.focus();"
        " field.setSelectionRange(at, at + words.length); }",
        words,
    )


def test_tools_wrap_what_is_selected_and_faults_lead_there(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(METASTUDIO, stack.room_id(METASTUDIO), me.known())
    page = desk.page
    editor(page)
    field = page.locator("#say-ssml")
    field.fill(WORDS)
    select(page, "199")
    page.locator("[data-ssml-tool=say-as] summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-ssml-tool=say-as] select")).to_be_focused()
    page.keyboard.press("Enter")
    marked = WORDS.replace("199", '<say-as interpret-as="money">199</say-as>')
    expect(field).to_have_value(f"<speak>{marked}</speak>")
    expect(page.locator(".ssml-words ruby")).to_contain_text("as money")
    field.fill('<speak>大家好<break time="1ms"/></speak>')
    page.locator("[data-ssml-goto]").click()
    expect(field).to_be_focused()
    assert field.evaluate("(field) => field.selectionStart") == 23
    expect(field).to_have_attribute("aria-invalid", "true")


def test_hostile_words_leave_the_page_alive_and_are_kept(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    for words in (
        BOMB,
        "<speak>" + "好" * 131_057 + "<x",
        '<speak>مرحبا <break time="9ms"/></speak>',
        "<speak>👩🏽‍🚀 & 😀",
    ):
        editor(page)
        field = page.locator("#say-ssml")
        field.fill(words)
        expect(page.locator(".ssml-faults li").first).to_be_visible()
        field.press("Enter")
        expect(page.locator("#say-ssml-error")).to_be_visible()
        page.reload()
        editor(page)
        expect(field).to_have_value(words)
    field.fill("<speak>大家好，欢迎来到我们的直播间。</speak>")
    field.press("Enter")
    expect(desk.item("大家好，欢迎来到我们的直播间。")).to_have_count(1)
    expect(field).to_have_value("")
    me.forgive("422")
