"""Nothing moves under the hand: the feed holds still, the composer loses no character, whatever arrives meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.console import Person, pump
from tests.browser.stack import Stack

ROOM = "K7Q"
UPDATES = 200
WORDS = "Say this to everyone who came in just now, and keep every single letter of it. 欢迎新来的朋友。"

#: Every region of the page once more, newer and different: what a frame of the hub would bring.
NEWER_REGIONS = """(number) => {
  const regions = {};
  let seq = 0;
  const shown = "[id][data-seq]:not([data-feed]):not([id^=audience-]):not([id^=stop-box-])";
  for (const element of document.querySelectorAll(shown)) {
    const copy = element.cloneNode(true);
    seq = Math.max(seq, Number(element.dataset.seq) + 1);
    copy.dataset.seq = String(Number(element.dataset.seq) + 1);
    copy.dataset.update = String(number);
    regions[element.id] = copy.outerHTML;
  }
  const topics = Object.keys(JSON.parse(document.body.dataset.topics));
  return { topic: topics.find((topic) => topic.startsWith("room:")), seq, regions };
}"""

COUNT = """
window.frames200 = window.swaps = 0;
document.addEventListener("live:frame", (event) => event.detail.t === "state" && (window.frames200 += 1));
document.addEventListener("live:swap", (event) => event.detail.root.dataset?.update && (window.swaps += 1));
"""


def test_the_feed_holds_still_under_the_pointer(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.come_in())
    desk.put_on_air()
    stack.audience(ROOM, rate_per_s=1)  # of the sandbox's fast seconds
    rows, more = desk.feed.locator(".c"), desk.page.locator(f"[data-feed-more=feed-{desk.id}]")
    expect(rows.nth(3)).to_be_visible(timeout=15_000)
    desk.feed.hover()
    held = rows.count()
    first = rows.last.get_attribute("id")
    expect(more).to_contain_text("new", timeout=10_000)
    expect(more).to_be_visible()
    assert rows.count() == held
    assert rows.last.get_attribute("id") == first
    desk.field.hover()
    expect(more).to_be_hidden()
    expect(rows.nth(held)).to_be_attached()
    stack.audience(ROOM, rate_per_s=0)


def test_typing_through_two_hundred_updates_loses_nothing(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    sockets: list[WebSocketRoute] = []

    def listen(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    me.context.route_web_socket("**/ws/live", listen)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.come_in())
    desk.put_on_air()
    page = desk.page
    page.evaluate(COUNT)
    desk.field.click()
    sent = 0
    for number, character in enumerate(WORDS):
        while sent < UPDATES * (number + 1) / len(WORDS):
            sent += 1
            sockets[-1].send(json.dumps({"t": "state", "gone": [], **page.evaluate(NEWER_REGIONS, sent)}))
        page.keyboard.type(character)
    pump(page, lambda: bool(page.evaluate(f"frames200 >= {UPDATES} && swaps >= {UPDATES}")), "the updates came in")
    expect(desk.field).to_have_value(WORDS)
    expect(desk.field).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == len(WORDS)
    desk.field.fill("")


def test_enter_that_chooses_a_candidate_does_not_send(stack: Stack, person: Callable[..., Person]) -> None:
    """An input method is composing: its Enter belongs to it."""
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.come_in())
    desk.put_on_air()
    posts: list[str] = []
    desk.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    keyboard = me.context.new_cdp_session(desk.page)
    desk.field.click()
    keyboard.send("Input.imeSetComposition", {"text": "huan ying xin lai de", "selectionStart": 20, "selectionEnd": 20})
    for kind in ("rawKeyDown", "keyUp"):
        keyboard.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        )
    keyboard.send("Input.insertText", {"text": "欢迎新来的朋友们到直播间"})
    expect(desk.field).to_have_value("欢迎新来的朋友们到直播间")
    assert posts == []
    desk.field.press("Enter")
    expect(desk.item("欢迎新来的朋友们到直播间")).to_have_count(1)
    assert len(posts) == 1
