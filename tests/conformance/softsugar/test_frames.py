"""The takeover channel: every upstream frame kept and broken, every downstream code provoked (004:213-361)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import websockets

from tests.conformance.softsugar.conftest import TEXT, say_and_start, trace_of, who
from tests.conformance.softsugar.samples import DOCUMENTS, Broken, broken, whole
from tests.sandbox.conftest import SCRIPT, Sandbox, Takeover

UP = {frame.code: frame for frame in DOCUMENTS.frames if frame.direction == "up"}
DOWN = {frame.code: frame for frame in DOCUMENTS.frames if frame.direction == "down"}
SOUND = b"\0" * 3200

SILENT_11 = "code 11 is named (004:235) and described nowhere; it matches nothing (B3)"

BROKEN_FRAMES = {0: 248, 10: 273, 99: 16, 101: 6}
"""How many broken frames the contract gives for each code. Without code nothing tells which table binds a frame."""


def good_frame(code: int) -> dict[str, Any]:
    """Every documented key; the digital human is one that the live has."""
    frame = whole(UP[code].fields)
    if "commandTraceId" in frame:
        frame["commandTraceId"] = "open" if code == 99 else "fresh"
    if "tts_query" in frame:
        frame["tts_query"]["ssml"] = False
    if "silk" in frame:
        frame["silk"] = False
    return frame


def faults(code: int) -> list[Broken]:
    """Faults of everything but `code`; an illegal priority is none, it means the end (004:236)."""
    fields = [one for one in UP[code].fields if one.name not in ("code", "priority")]
    return [*broken(fields, good_frame(code)), *texts_too_short(code)]


def texts_too_short(code: int) -> list[Broken]:
    """Fewer than ten characters are told in words (004:237); markup does not count."""
    if code != 10:
        return []
    queries = [{"content": "九个字不够长的啊啊"}, {"content": "<speak>短</speak><break/>", "ssml": True}]
    queries += [{"content": "短" + " " * 20}]
    return [Broken("/tts_query", "length", "004:237", {**good_frame(10), "tts_query": one}) for one in queries]


async def prepared(sandbox: Sandbox, code: int) -> tuple[dict[str, Any], Takeover]:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    if code == 99:
        await link.send({"code": 0, "message": "begin", "commandTraceId": "open"})
        assert [one for one, _ in await link.codes(2)] == [2, 20]
    return session, link


@pytest.mark.parametrize(("code", "answers"), [(0, [2, 20]), (10, [20]), (11, [4]), (99, [-1, 19, 18]), (101, [102])])
async def test_a_frame_with_every_key_is_taken(sandbox: Sandbox, code: int, answers: list[int]) -> None:
    _, link = await prepared(sandbox, code)
    frame = good_frame(code)
    if "superControl" in frame:
        frame["superControl"] = json.dumps({**json.loads(frame["superControl"]), "digital_role": "role-2"})
    await link.send(frame)
    if code == 99:
        sandbox.advance(1)
    assert [one for one, _ in await link.codes(len(answers))] == answers, SILENT_11 if code == 11 else ""


@pytest.mark.parametrize("code", sorted(BROKEN_FRAMES))
async def test_every_broken_key_is_answered_with_5_and_changes_nothing(sandbox: Sandbox, code: int) -> None:
    _, link = await prepared(sandbox, code)
    wrong, cases = [], faults(code)
    for case in cases:
        before = trace_of(sandbox)
        await link.send(case.value)
        answer = await link.frame()
        if answer["code"] != 5 or trace_of(sandbox) != before:
            wrong.append((case.pointer, case.rule, case.source, answer))
    assert wrong == []
    assert len(cases) == BROKEN_FRAMES[code]
    assert await link.quiet()


async def test_an_illegal_priority_is_no_fault_and_means_the_end(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    odd: list[Any] = [0, -2, "1", 1.0, True, [1], {"a": 1}, None]
    for number, priority in enumerate([1, *odd]):
        await link.send({**good_frame(10), "commandTraceId": f"t{number}", "priority": priority, "superControl": None})
    assert [one for one, _ in await link.codes(9)] == [20] * 9
    assert await sandbox.queue(session) == [f"t{number}" for number in range(9)]


@pytest.mark.parametrize("frame", ["", "{", "[]", "7", '"x"', "{}", '{"code":"10"}', '{"code":true}', '{"code":10.5}'])
async def test_what_has_no_known_code_matches_nothing(sandbox: Sandbox, frame: str) -> None:
    _, link = await prepared(sandbox, 10)
    before = trace_of(sandbox)
    await link.send(frame)
    await link.send("[" * 100_000)
    assert [one for one, _ in await link.codes(2)] == [4, 4]
    assert trace_of(sandbox) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"clientType": None}, 4),
        ({"clientType": "PHONE"}, 4),
        ({"sessionId": None}, 6),
        ({"sessionId": "nobody"}, 6),
        ({"Authorization": None}, 1),
        ({"Authorization": "wrong"}, 1),
    ],
)
async def test_the_address_needs_all_three_values(
    sandbox: Sandbox, change: dict[str, str | None], code: int | None
) -> None:
    """004:226-228. A refusal is a frame after the handshake (B34)."""
    session = await sandbox.go_live()
    values = {"clientType": "BROWSER", **who(session), "Authorization": session["sessionToken"], **change}
    assert set(values) == {field.name for field in DOCUMENTS.sockets[0].query}
    query = urlencode({name: value for name, value in values.items() if value is not None})
    link = await websockets.connect(f"{sandbox.server.url}{DOCUMENTS.sockets[0].path}?{query}".replace("http", "ws"))
    sandbox.links.append(link)
    if code is None:
        assert await Takeover(link).quiet()
    else:
        assert (await Takeover(link).frame())["code"] == code
        assert await Takeover(link).closed() == 1000


# -- every code down ---------------------------------------------------------------------------------------------------


async def wrong_token(sandbox: Sandbox) -> dict[str, Any]:
    return await (await sandbox.connect(await sandbox.create(), token="wrong")).frame()


async def ended(sandbox: Sandbox) -> dict[str, Any]:
    session = await sandbox.create()
    await sandbox.call("channel/close", who(session))
    return await (await sandbox.connect(session)).frame()


async def begin_audio(sandbox: Sandbox) -> dict[str, Any]:
    link = await sandbox.connect(await sandbox.go_live())
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    return await link.frame()


async def close_under_it(sandbox: Sandbox) -> dict[str, Any]:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.call("channel/close", who(session))
    return await link.frame()


async def large_sound(sandbox: Sandbox) -> dict[str, Any]:
    link = await sandbox.connect(await sandbox.go_live())
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    await link.codes(2)
    await link.send(b"\0" * 4096)
    return await link.frame()


async def begin_audio_over_text(sandbox: Sandbox) -> dict[str, Any]:
    link = await sandbox.connect(await sandbox.go_live())
    await say_and_start(sandbox, link, "t")
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    return await link.frame()


async def end_audio(sandbox: Sandbox) -> dict[str, Any]:
    link = await sandbox.connect(await sandbox.go_live())
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    await link.codes(2)
    await link.send({"code": 99, "message": "eof", "commandTraceId": "mic"})
    return await link.frame()


def after(notices: int) -> Callable[[Sandbox], Awaitable[dict[str, Any]]]:
    async def play(sandbox: Sandbox) -> dict[str, Any]:
        link = await sandbox.connect(await sandbox.go_live())
        await link.say("t", TEXT)
        first = await link.frame()
        sandbox.advance(20)
        return [first, await link.frame(), await link.frame()][notices]

    return play


async def ask_remaining(sandbox: Sandbox) -> dict[str, Any]:
    link = await sandbox.connect(await sandbox.go_live())
    await link.send({"code": 101})
    return await link.frame()


async def reach_a_frame(sandbox: Sandbox) -> dict[str, Any]:
    script = json.loads(json.dumps(SCRIPT))
    script["sceneList"][0]["digital_role_sublist"] = [{"file_id": "role-1", "notify_frame": [500]}]
    link = await sandbox.connect(await sandbox.go_live(script=script))
    sandbox.advance(20)
    return await link.frame()


WAYS_DOWN: dict[int, Callable[[Sandbox], Awaitable[dict[str, Any]]]] = {
    1: wrong_token,
    2: begin_audio,
    4: close_under_it,
    5: large_sound,
    6: ended,
    7: begin_audio_over_text,
    -1: end_audio,
    20: after(0),
    19: after(1),
    18: after(2),
    102: ask_remaining,
    30: reach_a_frame,
}


def test_every_code_down_has_a_way() -> None:
    assert set(WAYS_DOWN) == set(DOWN)
    assert (len(UP), len(DOWN)) == (5, 12)


@pytest.mark.parametrize("code", sorted(WAYS_DOWN))
async def test_a_code_down_looks_as_printed(sandbox: Sandbox, code: int) -> None:
    """Its keys and their types as in the printed example, its words too (`Takeover.frame` asks the contract)."""
    frame = await WAYS_DOWN[code](sandbox)
    printed = json.loads(DOWN[code].example)
    assert shape(frame) == shape(printed)
    assert isinstance(printed["message"], dict) or frame["message"] == printed["message"]
    assert frame["code"] == code


def shape(value: Any) -> Any:
    return {key: shape(one) for key, one in value.items()} if isinstance(value, dict) else type(value).__name__


# -- sound -------------------------------------------------------------------------------------------------------------


def silk(packets: int, mark: bytes = b"#!SILK_V3") -> bytes:
    return mark + b"".join(len(bytes(n)).to_bytes(2, "little") + bytes(n) for n in range(20, 20 + packets))


async def microphone(sandbox: Sandbox, **more: Any) -> tuple[dict[str, Any], Takeover]:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic", **more})
    assert [one for one, _ in await link.codes(2)] == [2, 20]
    return session, link


@pytest.mark.parametrize(
    ("more", "stream", "seconds"),
    [
        ({}, b"\0" * 32_000, 1.0),
        ({"silk": False}, b"\0" * 16_000, 0.5),
        ({"silk": True}, silk(50), 1.0),
        ({"silk": True}, silk(50, b"\x02#!SILK_V3"), 1.0),
        ({"silk": True}, silk(25, b"") + b"\xff\xff" + b"after the end", 0.5),
    ],
)
async def test_sound_lasts_as_long_as_its_format_says(
    sandbox: Sandbox, more: dict[str, Any], stream: bytes, seconds: float
) -> None:
    """16 kHz, mono, 16 bit (004:211, B5), or silk in packets of 20 ms, cut into messages anywhere (004:241)."""
    session, link = await microphone(sandbox, **more)
    for start in range(0, len(stream), 333):
        await link.send(stream[start : start + 333])
    await link.send({"code": 99, "message": "eof", "commandTraceId": "mic"})
    assert [one for one, _ in await link.codes(2)] == [19, -1]
    sandbox.advance(10)
    assert [one for one, _ in await link.codes(1)] == [18]
    (heard,) = await sandbox.heard(session)
    assert heard["ended_at"] - heard["started_at"] == pytest.approx(seconds)


async def test_pcm_is_no_silk(sandbox: Sandbox) -> None:
    session, link = await microphone(sandbox, silk=True)
    await link.send(b"\x10\x27" * 500)
    assert (await link.frame())["code"] == 5
    assert await sandbox.heard(session) == []


@pytest.mark.parametrize("is_silk", [False, True])
@pytest.mark.parametrize(("size", "is_taken"), [(4095, True), (4096, False), (8192, False)])
async def test_a_message_is_smaller_than_4096_bytes(sandbox: Sandbox, size: int, is_taken: bool, is_silk: bool) -> None:
    session, link = await microphone(sandbox, silk=is_silk)
    await link.send((silk(80) * 2)[:size])
    assert (await link.frame())["code"] == (19 if is_taken else 5)
    assert len(await sandbox.heard(session)) == is_taken


async def test_many_ask_at_once_and_each_gets_its_answer(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    links = [await sandbox.connect(session) for _ in range(5)]
    await asyncio.gather(*(link.send({"code": 101}) for link in links))
    assert [(await link.frame())["code"] for link in links] == [102] * 5
