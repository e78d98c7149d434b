"""The composer: no live update and no input method takes anything from the hand, and its figures are the server's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect

from dashboard.lib.speech import Pace, estimate_ms
from tests.browser.console import Person, pump
from tests.browser.stack import Stack
from tests.browser.test_under_the_hand import COUNT, NEWER

ROOM = "K7Q"
UPDATES = 1_000
#: What the keys of an input method write, and the words chosen from its candidates.
COMPOSED = (
    ("huan ying", "欢迎"),
    ("xin lai de", "新来的"),
    ("peng you", "朋友"),
    ("jin tian", "今天"),
    ("xian shi", "限时"),
    ("ba zhe", "八折"),
)
TYPED = " (20% off, see 203!) "
WORDS = "".join(chosen for _, chosen in COMPOSED[:3]) + TYPED + "".join(chosen for _, chosen in COMPOSED[3:])
#: What the field holds, where its caret is, and whether it has the focus.
STATE = """() => {
  const field = document.getElementById("say-text");
  return [field.value, field.selectionStart, document.activeElement === field];
}"""
MODULE = """() => new URL("speech.js", document.querySelector("script[type=module][src*=main]").src).href"""
COUNTED = """async ([url, texts, pace]) => {
  const { airtime } = await import(url);
  return texts.map((text) => airtime(text, pace));
}"""


def test_typing_and_composing_through_a_thousand_updates_loses_nothing(
    stack: Stack, person: Callable[..., Person]
) -> None:
    me = person(stack)
    sockets: list[WebSocketRoute] = []

    def listen(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    me.context.route_web_socket("**/ws/live", listen)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    said: list[str] = []
    page.on("request", lambda request: said.append(request.url) if request.url.endswith("/takeovers/") else None)
    page.evaluate(COUNT)
    keyboard = me.context.new_cdp_session(page)
    desk.field.click()
    steps = sum(len(keys) + 2 for keys, _ in COMPOSED) + len(TYPED)
    each = -(-UPDATES // steps)
    written = ""

    def updates() -> None:
        for frame in page.evaluate(NEWER, each):
            sockets[-1].send(frame)

    def compose(keys: str, chosen: str) -> None:
        nonlocal written
        for count in range(1, len(keys) + 1):
            keyboard.send(
                "Input.imeSetComposition", {"text": keys[:count], "selectionStart": count, "selectionEnd": count}
            )
            updates()
            assert page.evaluate(STATE) == [written + keys[:count], len(written) + count, True]
        for kind in ("rawKeyDown", "keyUp"):  # Enter takes the candidate
            key = {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
            keyboard.send("Input.dispatchKeyEvent", key)
            updates()
        keyboard.send("Input.insertText", {"text": chosen})
        written += chosen
        assert page.evaluate(STATE) == [written, len(written), True]

    for keys, chosen in COMPOSED[:3]:
        compose(keys, chosen)
    for character in TYPED:
        updates()
        page.keyboard.type(character)
        written += character
    for keys, chosen in COMPOSED[3:]:
        compose(keys, chosen)
    pump(page, lambda: bool(page.evaluate(f"frames200 >= {UPDATES} && swaps >= {UPDATES}")), "the updates came in", 30)
    assert page.evaluate(STATE) == [WORDS, len(WORDS), True]
    assert said == []
    desk.field.fill("")


@pytest.mark.parametrize("pace", [Pace(), Pace(han=0.7, words=1.4)])
def test_the_browser_counts_airtime_as_the_server_does(stack: Stack, person: Callable[..., Person], pace: Pace) -> None:
    texts = [
        WORDS,
        "各位茶友好，今天带来的是明前龙井，三月二十号采的头一批，一芽一叶。",
        "到手 358 元，¥1,299.50，8.5 折，拨打 13800138000，款号 007",
        "It's a re-run of version 2.1 today; only $199 for you!",
        '<speak>欢迎大家<break time="800ms"/>来到直播间</speak>',
        "真的？！\n好。🎉",
        "",
    ]
    page = person(stack).come_in()
    counted = page.evaluate(COUNTED, [page.evaluate(MODULE), texts, {"han": pace.han, "words": pace.words}])
    assert [int(seconds * 1000) for seconds in counted] == pytest.approx(
        [estimate_ms(text, pace) for text in texts], abs=2
    )


def test_the_composer_says_how_long_and_when(stack: Stack, person: Callable[..., Person]) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    desk.put_on_air()
    page = desk.page
    expect(page.locator("form[data-dock] [data-heard-in=append]")).to_be_empty()
    desk.field.fill("欢迎新来的朋友，今天限时八折，喜欢可以先收藏。")
    for mode in ("append", "insert", "now"):
        expect(page.locator(f"form[data-dock] [data-heard-in={mode}]")).to_contain_text("≈")
    expect(page.locator("[data-dock-clock]")).to_contain_text("at end ≈")
    outlook = page.locator(f"#outlook-{desk.id}")
    assert float(outlook.get_attribute("data-now-ms") or 0) > 0
    assert json.loads(outlook.get_attribute("data-han") or "0") > 0
    desk.field.fill("")
    expect(page.locator("form[data-dock] [data-heard-in=append]")).to_be_empty()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 3840])
def test_the_dock_fits_every_width(stack: Stack, person: Callable[..., Person], width: int) -> None:
    me = person(stack)
    desk = me.desk(ROOM, stack.room_id(ROOM), me.known())
    page = desk.page
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator("[data-quick] button").first).to_be_visible()
    if width < 640:
        page.locator("[data-dock-open]").click()
    desk.field.fill("丝绒口红今天到手149元，喜欢的朋友抓紧时间拍。")
    expect(page.locator("#say-lint")).to_contain_text("149")
    assert page.locator(".dock").evaluate("(dock) => dock.getBoundingClientRect().right <= innerWidth")
    assert page.locator(".dock").evaluate("(dock) => dock.scrollWidth <= dock.clientWidth")
    for button in page.locator("form[data-dock] .dock-send button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    desk.field.fill("")
