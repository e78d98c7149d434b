"""A2, the other half: without relay, sandbox or hub the same flow stops where it needs them and says what lacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.console import END_MS, START_MS, Person, StepTimedOut, reach
from tests.browser.stack import SPEED, Stack
from tests.browser.test_on_air import METASTUDIO, SOFTSUGAR, run_flow

#: Long enough for a step that would come, short enough for one that never does.
IN_VAIN_MS = 4_000
#: Rooms of the shared stack that no other test uses.
BY_POLLING, BY_NOTHING = "B7J", "D3H"


def test_without_a_relay_nothing_is_sent_and_every_page_says_so(
    open_stack: Callable[..., Stack], person: Callable[..., Person]
) -> None:
    stack = open_stack(relay=False)
    me = person(stack)
    page = me.come_in()
    expect(page.locator(".alarm-line")).to_contain_text("No relay is running")
    desk = me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), page)
    with pytest.raises(StepTimedOut) as stuck:
        run_flow(stack, desk, within_ms=IN_VAIN_MS)
    assert stuck.value.step == "preparing"
    expect(desk.history).to_contain_text("start asked")
    expect(page.locator(".alarm-line")).to_contain_text("No relay is running")
    # MetaStudio holds a room only once a relay has brought it there: the start itself is what can't be.
    other = me.desk(METASTUDIO, stack.room_id(METASTUDIO))
    with pytest.raises(StepTimedOut) as stuck:
        run_flow(stack, other, within_ms=IN_VAIN_MS)
    assert stuck.value.step == "start"
    expect(other.bar).to_contain_text("MetaStudio does not hold this room yet")
    expect(other.page.locator(".alarm-line")).to_contain_text("No relay is running")
    # With a relay all goes on where it stood, on the page that is open.
    stack.start_relay()
    reach("onair", desk.timeline("onair"), START_MS)
    expect(page.locator(".alarm-line")).to_have_count(0)
    assert desk.is_same_page()


def test_without_a_sandbox_the_account_that_does_not_answer_is_named(
    open_stack: Callable[..., Stack], person: Callable[..., Person]
) -> None:
    stack = open_stack(sandbox=False)
    me = person(stack)
    page = me.known()
    desk = me.desk(SOFTSUGAR, stack.room_id(SOFTSUGAR), page)
    with pytest.raises(StepTimedOut) as stuck:
        run_flow(stack, desk, within_ms=IN_VAIN_MS)
    assert stuck.value.step == "preparing"
    expect(desk.bar).to_contain_text("SoftSugar sandbox does not answer", timeout=15_000)
    assert desk.chip.get_attribute("data-state") != "onair"
    other = me.desk(METASTUDIO, stack.room_id(METASTUDIO))
    with pytest.raises(StepTimedOut) as stuck:
        run_flow(stack, other, within_ms=IN_VAIN_MS)
    assert stuck.value.step == "start"
    named = other.page.locator("[data-count=warn]")
    expect(named).to_have_attribute("title", "Not answering: MetaStudio sandbox, SoftSugar sandbox", timeout=15_000)
    assert desk.is_same_page()


def _no_socket(socket: WebSocketRoute) -> None:
    socket.close(code=1011)


def test_without_the_socket_the_page_asks_every_five_seconds_and_says_so(
    stack: Stack, person: Callable[..., Person]
) -> None:
    me = person(stack)
    me.context.route_web_socket("**/ws/live", _no_socket)
    desk = me.desk(BY_POLLING, stack.room_id(BY_POLLING), me.known())
    banner = desk.page.locator("#banner-polling")
    expect(banner).to_contain_text("The live connection is down", timeout=10_000)
    run_flow(stack, desk)
    expect(banner).to_be_visible()
    expect(desk.page.locator("#beat b")).to_contain_text("asking")


def test_when_nothing_reaches_the_page_it_says_that_it_is_old(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    me.context.route_web_socket("**/ws/live", _no_socket)
    me.context.route("**/live/regions**", lambda route: route.abort())
    desk = me.desk(BY_NOTHING, stack.room_id(BY_NOTHING), me.known())
    with pytest.raises(StepTimedOut) as stuck:
        run_flow(stack, desk, within_ms=IN_VAIN_MS)
    assert stuck.value.step == "preparing"
    stack.speed(SPEED)
    expect(desk.page.locator("#beat b")).to_contain_text("reconnecting", timeout=15_000)
    expect(desk.page.locator("#banner-old")).to_contain_text("You are acting on old information", timeout=15_000)
    # Once asking works again the page is true without a reload: the room went on air meanwhile.
    me.context.unroute("**/live/regions**")
    reach("onair", desk.timeline("onair"), START_MS)
    expect(desk.page.locator("#banner-old")).to_be_hidden()
    assert desk.is_same_page()
    desk.stop("seen enough")
    reach("ended", desk.timeline("ended"), END_MS)
    me.forgive("ERR_FAILED")
