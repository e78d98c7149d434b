"""A7: both vendors freeze for 30 s. Every figure that lives by them shows its age, then that it is old, then lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.console import SPEAK_MS, Person, Since, pump
from tests.browser.stack import Stack

FROZEN_S = 30
AGE_WITHIN_S, STALE_WITHIN_S, THAWED_WITHIN_S = 8, 17, 25
ROOMS = ("K7Q", "P9X")

#: Every figure that a vendor (or our line to it) keeps young, with what its badge and its surroundings say.
FIGURES = """() => [...document.querySelectorAll(".age [data-fresh]")].flatMap((time) => {
  if (!time.checkVisibility()) return [];
  const badge = time.closest(".age");
  const region = time.closest("[data-fresh-region]");
  return {
    where: `${region?.id || region?.parentElement?.closest("[id]")?.id} ${time.dataset.fresh}`,
    words: badge.textContent.trim(),
    age: badge.dataset.age,
    stale: region?.hasAttribute("data-stale") ?? false,
    state: region?.dataset.state ?? "",
  };
})"""


def figures(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(FIGURES)
    return found


def says_so_itself(figure: dict[str, Any]) -> bool:
    """Our own line to the vendor: it is told to be stale or down, in words and in colour, since when."""
    return figure["state"] in ("stale", "down", "connecting") and figure["words"][:1].isdigit()


def shows_age(figure: dict[str, Any]) -> bool:
    has_age = figure["age"] in ("ageing", "stale", "lost") and figure["words"][:1].isdigit()
    return has_age or says_so_itself(figure)


def is_marked(figure: dict[str, Any]) -> bool:
    return (figure["age"] in ("stale", "lost") and figure["stale"]) or says_so_itself(figure)


def is_young(figure: dict[str, Any]) -> bool:
    return figure["age"] == "live" and not figure["stale"]


def all_become(pages: dict[str, Page], right: Callable[[dict[str, Any]], bool], within_s: float, what: str) -> None:
    """Every figure of every page at once, in time; else which ones did not."""
    wrong: list[str] = []

    def seen() -> bool:
        wrong[:] = [
            f"{name}: {figure}"
            for name, page in pages.items()
            for figure in figures(page) or [{"where": "no figure", "age": "", "words": "", "stale": False}]
            if not right(figure)
        ]
        return not wrong

    try:
        pump(pages["wall"], seen, what, within_s)
    except AssertionError as error:
        raise AssertionError(f"{error}\n" + "\n".join(wrong)) from None


def test_frozen_vendors_are_seen_to_be_silent(open_stack: Callable[..., Stack], person: Callable[..., Person]) -> None:
    stack = open_stack()
    me = person(stack)
    wall = me.come_in()
    desks = {code: me.desk(code, stack.room_id(code)) for code in ROOMS}
    for desk in desks.values():
        desk.put_on_air()
    wall.reload()
    wall.evaluate("window.talkbackMark = true")
    for code in ROOMS:
        expect(wall.locator(f"[data-room={code}] .chip")).to_have_attribute("data-state", "onair", timeout=10_000)
    pages = {"wall": wall, **{code: desk.page for code, desk in desks.items()}}
    all_become(pages, is_young, 10, "every figure is young before the freeze")
    before = {name: len(figures(page)) for name, page in pages.items()}
    assert before["wall"] >= 2
    assert min(before.values()) >= 2

    stack.fault("freeze", for_s=FROZEN_S)
    frozen = Since()
    all_become(pages, shows_age, AGE_WITHIN_S - frozen.gone_s(), f"every figure shows its age within {AGE_WITHIN_S} s")
    all_become(
        pages, is_marked, STALE_WITHIN_S - frozen.gone_s(), f"every figure is marked old within {STALE_WITHIN_S} s"
    )
    for page in pages.values():
        expect(page.locator("#banner-old")).to_be_hidden()  # the console itself is well, and says so
        expect(page.locator("#beat b")).to_contain_text("live")

    pump(wall, lambda: frozen.gone_s() > FROZEN_S - 3, "the freeze is nearly over", FROZEN_S)
    all_become(pages, is_marked, 0.5, "every figure is still marked old")
    pump(wall, lambda: frozen.gone_s() > FROZEN_S, "the freeze is over", FROZEN_S)
    all_become(pages, is_young, THAWED_WITHIN_S, "every figure is young again after the thaw")
    for code, desk in desks.items():
        expect(desk.page.locator(".chip-big:is([data-state=onair], [data-state=talkback])")).to_be_visible()
        expect(wall.locator(f"[data-room={code}] .chip")).to_have_attribute("data-state", "onair")
        words = f"冻结已经过去，{code}里又可以说话了，大家久等了。"
        desk.say(words)
        expect(desk.item(words)).to_have_attribute("data-state", "done", timeout=SPEAK_MS)
        assert len(stack.audible(words)) == 1
        assert desk.is_same_page()
    assert wall.evaluate("window.talkbackMark === true")
