"""A rehearsal in the browser: pick an incident, see it on the desk, do what is right, read the debrief."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.console import Person
from tests.browser.stack import Stack

ROOM = "K7Q"


def test_an_operator_rehearses_wrong_words_and_reads_how_it_went(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    page.goto("/t/demo/rehearsal")
    page.get_by_label("The host says something wrong").check()
    page.locator("select[name=room]").select_option(ROOM)
    page.get_by_role("button", name="Start the rehearsal").click()
    page.wait_for_url(f"**/rooms/{ROOM}")
    strip = page.get_by_label("Rehearsal", exact=True)
    expect(strip).to_contain_text("The host says something wrong.")
    expect(page).to_have_title(f"REHEARSAL · {ROOM} 丝绒口红专场 · Talkback")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", "/static/favicon-rehearsal.svg")
    expect(page.locator(".now")).to_contain_text("全部免费送", timeout=15_000)
    page.keyboard.press("i")
    page.keyboard.press("Shift+Escape")
    expect(strip).to_contain_text("noticed", timeout=5_000)
    expect(page.locator(".now")).to_contain_text("Silent by intent", timeout=10_000)
    strip.get_by_role("button", name="End and debrief").click()
    page.wait_for_url("**/rehearsal/runs/*")
    expect(page.get_by_text("silenced the room")).to_be_visible()
    expect(page.locator(".debrief-figures [data-tone=warn]")).to_have_count(0)
    assert me.complaints == []


def test_a_fault_by_hand_is_shown_at_work_and_taken_back(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    page.goto("/t/demo/rehearsal")
    page.get_by_label("What", exact=True).select_option("latency")
    page.get_by_label("Where").select_option(f"room:{ROOM}")
    page.get_by_role("button", name="Inject it").click()
    armed = page.get_by_role("list", name="Faults at work")
    expect(armed).to_contain_text("Slow answers")
    expect(armed).to_contain_text(ROOM)
    armed.get_by_role("button", name="Take Slow answers back").click()
    expect(armed).to_contain_text("No fault is at work")
    assert me.complaints == []


def test_the_frame_goes_when_the_rehearsal_is_forgotten_and_a_lost_poll_says_nothing(
    stack: Stack, person: Callable[..., Person]
) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    page.goto("/t/demo/rehearsal")
    page.get_by_label("The vendor freezes").check()
    page.locator("select[name=room]").select_option(ROOM)
    page.get_by_role("button", name="Start the rehearsal").click()
    page.wait_for_url(f"**/rooms/{ROOM}")
    expect(page.locator("body[data-rehearsal]")).to_have_count(1)
    page.route("**/strip", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/strip")):
        pass
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/strip")):
        expect(page.locator("#toasts .toast")).to_have_count(0)
    page.unroute("**/strip")
    page.get_by_role("button", name="End and debrief").click()
    page.wait_for_url("**/rehearsal/runs/*")
    page.goto(f"/t/demo/rooms/{ROOM}")
    expect(page.get_by_label("Rehearsal", exact=True)).to_contain_text("REHEARSAL OVER")
    page.route("**/strip", lambda route: route.fulfill(body="<span hidden></span>"))
    expect(page.get_by_label("Rehearsal", exact=True)).to_have_count(0)
    me.forgive("ERR_FAILED|Failed to fetch|htmx")
    assert me.complaints == []
