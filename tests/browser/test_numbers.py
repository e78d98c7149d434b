"""Numbers of a wall change with the page's own second, all at once; what moves a state waits for nothing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.console import Person
from tests.browser.stack import Stack

ROOM = "K7Q"

#: Hands a frame to the page as its socket would: {region: [how much newer, what its number says]} that can wait or not,
#: what is gone, or a refusal.
TELL = """async ([topic, regions, each_second, gone]) => {
  const main = document.querySelector("script[type=module][src*=main]");
  const { apply } = await import(new URL("live.js", main.src));
  const html = (id, newer, words) => {
    const copy = document.getElementById(id).cloneNode(true);
    for (const one of [copy, ...copy.querySelectorAll("[data-seq]")]) one.dataset.seq = String(1e6 + newer);
    copy.querySelector(id.startsWith("stats") ? "b" : "[id^=stats-] b").textContent = words;
    return copy.outerHTML;
  };
  const told = {};
  for (const [id, [newer, words]] of Object.entries(regions ?? {})) told[id] = html(id, newer, words);
  apply(regions ? { t: "state", topic, seq: 1, regions: told, gone: gone ?? [], each_second } : { t: "denied", topic });
  return [...document.querySelectorAll("[id^=stats-]")].map((one) => one.querySelector("b").textContent);
}"""


#: Has the page fetch its list anew, and tells a tile's newer words while the answer is on its way.
RELOAD = """async ([topic, tile]) => {
  const main = document.querySelector("script[type=module][src*=main]");
  const { apply } = await import(new URL("live.js", main.src));
  const real = window.fetch;
  window.fetch = async (...asked) => {
    window.fetch = real;
    const answer = await real(...asked);
    const copy = document.getElementById(tile).cloneNode(true);
    for (const one of [copy, ...copy.querySelectorAll("[data-seq]")]) one.dataset.seq = String(1e6);
    copy.querySelector(".hear-words").textContent = "meanwhile";
    apply({ t: "state", topic, seq: 1, regions: { [tile]: copy.outerHTML }, gone: [] });
    return answer;
  };
  apply({ t: "reload", topic, seq: 1, region: "wall" });
}"""


def test_a_list_that_is_fetched_anew_takes_nothing_back(stack: Stack, person: Callable[..., Person]) -> None:
    """The server believes that the newer state is shown, and would not tell it again."""
    me = person(stack)
    number = stack.room_id(ROOM)
    me.desk(ROOM, number, me.known()).put_on_air()
    page = me.context.new_page()
    page.goto(f"{stack.url}/t/demo/wall")
    page.locator("#beat[data-age=live]").wait_for()
    with page.expect_response("**/wall") as answer:
        page.evaluate(RELOAD, [f"room:{number}", f"tile-{number}"])
    answer.value.finished()
    for _ in range(2):
        next_second(page)
    expect(page.locator(f"#tile-{number} .hear-words")).to_have_text("meanwhile")


def test_numbers_wait_for_the_second_and_states_do_not(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    number = stack.room_id(ROOM)
    me.desk(ROOM, number, me.known()).put_on_air()
    page = me.context.new_page()
    page.goto(f"{stack.url}/t/demo/wall")
    page.locator("#beat[data-age=live]").wait_for()
    topic, stats, tile = f"room:{number}", f"stats-{number}", f"tile-{number}"
    shown = page.locator(f"#{stats} b").first
    shown.wait_for()

    assert "one" not in page.evaluate(TELL, [topic, {stats: [1, "one"]}, True]), "alone they wait"
    expect(shown).to_have_text("one", timeout=3_000)
    assert "two" in page.evaluate(TELL, [topic, {tile: [3, "two"]}]), "with their tile they are there at once"
    page.evaluate(TELL, [topic, {stats: [2, "old"]}, True])
    next_second(page)
    expect(shown).to_have_text("two")
    assert "three" not in page.evaluate(TELL, [topic, {tile: [4, "three"]}, True]), "a tile without news can wait, too"
    expect(shown).to_have_text("three", timeout=3_000)
    page.evaluate("(id) => document.getElementById(id).setAttribute('data-stale', '')", tile)
    assert "sure" in page.evaluate(TELL, [topic, {tile: [5, "sure"]}, True]), "an age that takes a doubt away can not"
    page.evaluate(TELL, [topic, {stats: [6, "refused"]}, True])
    page.evaluate(TELL, [topic, None])
    next_second(page)
    expect(shown).to_have_text("sure")
    expect(page.locator(f"#{tile}")).to_have_attribute("data-stale", "")

    page.evaluate(TELL, [topic, {tile: [7, "gone"]}, True])
    page.evaluate(TELL, [topic, {}, False, [tile]])
    next_second(page)
    assert "gone" not in page.evaluate(TELL, [topic, {}, True]), "what is gone comes back only with its room"


def next_second(page: Page) -> None:
    """Until the page has told its ages once more."""
    page.evaluate(
        "() => new Promise((done) => document.addEventListener('live:second', () => setTimeout(done), { once: true }))"
    )
