"""Regions of which little changes stay, and only what differs is new: no button does what it did before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.console import SAME_PRESS_MS, Desk, Person
from tests.browser.stack import Stack

ROOM = "K7Q"

#: Brings a newer region as the socket would, after `change` had its way with it; which of the marked elements stayed.
BRING = """async ([id, marks]) => {
  const main = document.querySelector("script[type=module][src*=main]");
  const { apply } = await import(new URL("live.js", main.src));
  const region = document.getElementById(id), copy = region.cloneNode(true);
  for (const one of [copy, ...copy.querySelectorAll("*")]) one.removeAttribute("data-htmx-powered");
  copy.dataset.seq = String(Math.max(2e9, Number(region.dataset.seq)) + 1); // what the server tells meanwhile is older
  ((region) => { CHANGE })(copy);
  const before = marks.map((mark) => region.querySelector(mark));
  apply({ t: "state", topic: region.dataset.topic, seq: 1, regions: { [id]: copy.outerHTML }, gone: [] });
  const now = document.getElementById(id);
  return [now === region, ...marks.map((mark, place) => now.querySelector(mark) === before[place])];
}"""
SILENCE, STOP = ".btn-silence", "[data-action=stop_job]"


@pytest.fixture
def desk(stack: Stack, person: Callable[..., Person]) -> Desk:
    me = person(stack)
    found = me.desk(ROOM, stack.room_id(ROOM), me.known())
    found.put_on_air()
    return found


def bring(desk: Desk, region: str, change: str, *marks: str) -> list[bool]:
    stayed: list[bool] = desk.page.evaluate(BRING.replace("CHANGE", change), [f"{region}-{desk.id}", list(marks)])
    return stayed


def test_words_change_and_their_element_stays(desk: Desk) -> None:
    words = desk.page.locator(f"#heard-{desk.id}")
    words.focus()
    change = "region.querySelector('.hear-words').textContent = '说完了'; region.querySelector('.hear').append('!')"
    assert bring(desk, "now", change, ".hear-words", ".hear") == [True, True, True]
    expect(words).to_have_text("说完了")
    expect(words).to_be_focused()
    expect(desk.page.locator(f"#now-{desk.id} .hear").first).to_contain_text("!")
    assert bring(desk, "now", "region.querySelector('.hear').lastChild.remove()", ".hear") == [True, True]
    expect(desk.page.locator(f"#now-{desk.id} .hear").first).not_to_contain_text("!")


def test_a_button_that_does_something_else_is_another_one(desk: Desk) -> None:
    asked: list[str] = []
    desk.page.route("**/elsewhere", lambda route: (asked.append(route.request.url), route.fulfill(status=204))[-1])
    change = f"""region.querySelector("{SILENCE}").setAttribute("hx-post", "/elsewhere")"""
    assert bring(desk, "room-bar", change, SILENCE, STOP) == [True, False, True]
    with desk.page.expect_response("**/elsewhere"):
        desk.bar.locator(SILENCE).click()
    assert len(asked) == 1
    # Twice the same is once alive: what stays is not bound a second time.
    for _ in range(2):
        assert bring(desk, "room-bar", "region.dataset.update = Math.random()", SILENCE) == [True, True]
    desk.page.wait_for_timeout(SAME_PRESS_MS)
    with desk.page.expect_response("**/elsewhere"):
        desk.bar.locator(SILENCE).click()
    assert len(asked) == 2


def test_a_number_that_is_newer_stays_wherever_it_stood(desk: Desk) -> None:
    viewers = f"#viewers-{desk.id}"
    desk.page.locator(viewers).evaluate("(own) => (own.dataset.seq = 1e9)")
    change = f"""region.querySelector(".facts").prepend(document.createElement("div"));
        region.querySelector("{viewers}").dataset.seq = 1; region.querySelector("{viewers}").textContent = "old" """
    assert bring(desk, "room-bar", change, viewers) == [True, True]
    expect(desk.page.locator(viewers)).not_to_have_text("old")


def test_ages_are_told_of_what_stays_too(desk: Desk) -> None:
    """The server writes times; what this page makes of them comes back at once."""
    age = ".fact .age time[data-at]"
    assert bring(desk, "room-bar", f"""region.querySelector("{age}").textContent = "12:00:00" """, age) == [True, True]
    expect(desk.bar.locator(age).first).to_have_text(re.compile(r"^\d+ s$|^\d+:\d\d$"))
