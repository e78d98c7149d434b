"""Nothing moves under the hand: the feed holds still, the composer loses no character, whatever arrives meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.console import Person, pump
from tests.browser.stack import Stack

ROOM = "K7Q"

#: `times` frames as the hub would bring them, each with a quarter of the page's regions, newer and different.
NEWER = """(times) => {
  const shown = [...document.querySelectorAll("[id][data-seq]:not([data-feed], [id^=audience-], [id^=stop-box-])")];
  const topics = Object.keys(JSON.parse(document.body.dataset.topics));
  return Array.from({ length: times }, (_, number) => {
    const frame = { t: "state", topic: topics.find((one) => one.startsWith("room:")), seq: 0, regions: {}, gone: [] };
    for (const element of shown.filter((_, place) => place % 4 === number % 4)) {
      const copy = element.cloneNode(true);
      copy.dataset.seq = String(Number(element.dataset.seq) + 1 + number);
      copy.dataset.update = String(performance.now() + number);
      frame.seq = Math.max(frame.seq, Number(copy.dataset.seq));
      frame.regions[element.id] = copy.outerHTML;
    }
    return JSON.stringify(frame);
  });
}"""

SCROLLS = "(feed) => feed.scrollHeight > feed.clientHeight + 100"
AT_NEWEST = "(feed) => feed.scrollHeight - feed.scrollTop - feed.clientHeight < 24"
#: Which rows there are, and where the first one stands.
SEEN = "(feed) => [feed.firstElementChild.getBoundingClientRect().top, [...feed.children].map((row) => row.id).join()]"

COUNT = """
window.frames200 = window.swaps = 0;
document.addEventListener("live:frame", (event) => event.detail.t === "state" && (window.frames200 += 1));
document.addEventListener("live:swap", (event) => event.detail.root.dataset?.update && (window.swaps += 1));
"""


def test_the_feed_holds_still_under_the_pointer(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    stack.audience(ROOM, rate_per_s=4)  # of the sandbox's fast seconds
    more = desk.page.locator(f"[data-feed-more=feed-{desk.id}]")
    pump(desk.page, lambda: bool(desk.feed.evaluate(SCROLLS)), "the feed is longer than its box", 40)
    stack.audience(ROOM, rate_per_s=0.5)
    desk.feed.hover()
    top, held = desk.feed.evaluate(SEEN)
    expect(more).to_be_visible(timeout=10_000)
    expect(more).to_contain_text("new")
    now_top, now = desk.feed.evaluate(SEEN)
    assert now == held
    assert abs(now_top - top) < 1  # a question above it came meanwhile: a feed scrolls by whole pixels
    desk.field.hover()
    expect(more).to_be_hidden()
    pump(desk.page, lambda: bool(desk.feed.evaluate(SEEN)[1] != held), "the rows that waited are there")
    assert desk.feed.evaluate(AT_NEWEST)
    stack.audience(ROOM, rate_per_s=0)


def test_a_bar_that_comes_above_a_feed_under_the_pointer_is_no_scrolling(
    stack: Stack, person: Callable[..., Person]
) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    stack.audience(ROOM, rate_per_s=4)
    more = desk.page.locator(f"[data-feed-more=feed-{desk.id}]")
    pump(desk.page, lambda: bool(desk.feed.evaluate(SCROLLS)), "the feed is longer than its box", 40)
    desk.feed.hover()
    expect(more).to_be_visible(timeout=10_000)
    desk.feed.evaluate("(feed) => feed.before(Object.assign(document.createElement('p'), { textContent: 'a bar' }))")
    desk.page.wait_for_timeout(200)
    desk.field.hover()
    expect(more).to_be_hidden()
    desk.feed.hover()
    desk.feed.evaluate("(feed) => feed.previousElementSibling.remove()")
    expect(more).to_be_visible(timeout=10_000)
    desk.page.mouse.wheel(0, -400)
    desk.page.wait_for_timeout(200)
    desk.feed.evaluate("(feed) => feed.scrollTo({ top: feed.scrollHeight, behavior: 'instant' })")
    desk.page.wait_for_timeout(200)
    desk.field.hover()
    expect(more).to_be_hidden()
    stack.audience(ROOM, rate_per_s=0)


def test_enter_that_chooses_a_candidate_does_not_send(stack: Stack, person: Callable[..., Person]) -> None:
    """An input method is composing: its Enter belongs to it."""
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    posts: list[str] = []
    desk.page.on("request", lambda request: posts.append(request.url) if request.url.endswith("/takeovers/") else None)
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


#: Somebody is faster than the scripts: the words stand in the field before any of them ran.
EARLY = """document.addEventListener("readystatechange", () => {
  const field = document.readyState === "interactive" && document.getElementById("search");
  if (field) field.value = "K7Q";
});"""


def test_a_search_that_was_filled_in_before_the_scripts_ran_is_searched_for(
    stack: Stack, person: Callable[..., Person]
) -> None:
    page = person(stack).known()
    page.add_init_script(EARLY)
    page.goto("/t/demo/rooms")
    page.wait_for_url("**/rooms?q=K7Q*")
    expect(page.locator("#room-rows > tr")).to_have_count(1)


def test_on_a_phone_the_search_is_whole_and_a_message_covers_no_comment(
    stack: Stack, person: Callable[..., Person]
) -> None:
    me = person(stack)
    page = me.known()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/t/demo/rooms")
    tools = page.locator("form.tools")
    assert tools.evaluate("(form) => form.scrollWidth <= form.clientWidth")
    desk = me.desk(ROOM, stack.room_id(ROOM), page)
    desk.wait_live()
    expect(page.locator(f"#viewers-{desk.id} dt")).to_be_visible()
    page.locator("label:has(#t-audience)").click()
    page.locator(".dock-thumb [data-action=silence]").click()
    toast, feed = page.locator(".toast").bounding_box(), desk.feed.bounding_box()
    assert toast is not None
    assert feed is not None
    assert toast["y"] + toast["height"] <= feed["y"]
    page.locator("[hx-post$='/resume']").click()
