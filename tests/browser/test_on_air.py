"""A2: a room of each vendor goes on air, speaks a person's words, hears its audience, and ends; nothing reloads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dashboard.live.demo.content import ROOMS
from tests.browser.console import END_MS, SPEAK_MS, START_MS, Desk, Person, reach
from tests.browser.stack import SPEED, Stack

WORDS = "欢迎新来的朋友，今天这款茶限时八折，喜欢可以先收藏。"
#: What each vendor documents about a text: SoftSugar tells of its queue, MetaStudio answers with a command id.
STEPS = {
    "softsugar": ["waiting", "sending", "queued", "playing", "done"],
    "metastudio": ["waiting", "sending", "accepted", "playing", "done"],
}
SOFTSUGAR, METASTUDIO = "D3H", "W8N"
VENDOR_OF = {room.code: str(room.vendor) for room in ROOMS}


def run_flow(stack: Stack, desk: Desk, *, observed: bool = True, within_ms: int = START_MS) -> None:
    """The whole flow; raises `StepTimedOut` with the step that did not come."""
    # As slow as a vendor: what it prepares in an instant, a channel that opens meanwhile may never hear of.
    stack.speed(1)
    says = desk.button("append")
    expect(says).to_have_attribute("aria-disabled", "true")
    expect(says).to_have_attribute("data-reason", re.compile("is not on air"))
    desk.start(within_ms)
    reach("preparing", desk.timeline("preparing"), within_ms)
    if observed:
        reach("ready", desk.timeline("ready"), within_ms)
    reach("onair", desk.timeline("onair"), within_ms)
    expect(desk.chip).to_have_attribute("data-state", "onair", timeout=within_ms)
    expect(desk.chip).to_contain_text("ON AIR")
    expect(says).not_to_have_attribute("aria-disabled", "true")
    stack.speed(SPEED)
    desk.say(WORDS)
    expected = STEPS[VENDOR_OF[desk.code]]
    for name in expected:
        if name == "playing" and not observed:
            continue
        reach(name, desk.step(WORDS, name).and_(desk.page.locator("[data-at]")), SPEAK_MS)
    assert [name for name, _ in desk.steps(WORDS)] == expected
    stack.audience(desk.code, rate_per_s=2)
    reach("comment", desk.feed.locator(".c .said").first, 10_000)
    desk.stop("the rehearsal is over")
    reach("ended", desk.timeline("ended"), END_MS)
    expect(desk.chip).to_have_attribute("data-state", "ended")
    expect(says).to_have_attribute("aria-disabled", "true")
    expect(desk.page.locator(f"#tally-{desk.id}")).not_to_contain_text("comments a second")
    assert desk.is_same_page()


@pytest.mark.parametrize("code", [SOFTSUGAR, METASTUDIO])
def test_a_room_of_each_vendor_from_start_to_end(stack: Stack, person: Callable[..., Person], code: str) -> None:
    me = person(stack)
    desk = me.desk(code, stack.room_id(code), me.known())
    desk.wait_live()
    run_flow(stack, desk)
    assert all(has_time for _, has_time in desk.steps(WORDS))
    assert len(stack.audible(WORDS)) >= 1


def test_without_the_command_channel_speaking_is_not_reported(
    open_stack: Callable[..., Stack], person: Callable[..., Person]
) -> None:
    stack = open_stack(channel=False)
    me = person(stack)
    desk = me.desk(METASTUDIO, stack.room_id(METASTUDIO), me.known())
    desk.wait_live()
    run_flow(stack, desk, observed=False)
    assert dict(desk.steps(WORDS)) == {
        "waiting": True,
        "sending": True,
        "accepted": True,
        "playing": False,
        "done": True,
    }
    expect(desk.step(WORDS, "playing")).to_contain_text("not reported")
