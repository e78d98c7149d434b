"""The takeover channel frame by frame (004:213-361)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import SCRIPT, Sandbox

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"
SECOND = b"\0" * 3200
"""A tenth of a second of silence."""


async def test_a_wrong_token_is_told_by_a_frame_and_the_socket_closes(sandbox: Sandbox) -> None:
    session = await sandbox.create()
    link = await sandbox.connect(session, token="wrong")
    assert await link.frame() == {"code": 1, "message": "认证失败"}
    assert await link.closed() == 1000


@pytest.mark.parametrize("is_closed", [False, True])
async def test_an_unknown_or_ended_session_is_told_by_a_frame(sandbox: Sandbox, is_closed: bool) -> None:
    session = {"sessionId": "nobody", "sessionToken": "x"}
    if is_closed:
        session = await sandbox.create()
        await sandbox.call("channel/close", {"sessionId": session["sessionId"]})
    link = await sandbox.connect(session)
    assert await link.frame() == {"code": 6, "message": "服务端未准备好接收"}
    assert await link.closed() == 1000


async def test_notices_look_as_printed(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t1", TEXT)
    stamp = round(sandbox.clock.now().timestamp() * 1000)
    assert await link.frame() == {
        "code": 20,
        "message": "接管入队完成",
        "data": {"sessionId": session["sessionId"], "commandTraceId": "t1", "timestamp": stamp},
    }


@pytest.mark.parametrize(
    "frame",
    [
        {"commandTraceId": "t", "tts_query": {"content": "太短了"}},
        {"commandTraceId": "t", "tts_query": {"content": "<speak>太短了</speak>", "ssml": True}},
        {"commandTraceId": "t", "tts_query": "x"},
        {"commandTraceId": "t"},
        {"commandTraceId": "", "tts_query": {"content": TEXT}},
        {"commandTraceId": "-1", "tts_query": {"content": TEXT}},
        {"commandTraceId": "a;b", "tts_query": {"content": TEXT}},
        {"tts_query": {"content": TEXT}},
    ],
)
async def test_a_bad_text_takeover_fails_and_queues_nothing(sandbox: Sandbox, frame: dict[str, Any]) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.send({"code": 10, "message": "begin", **frame})
    assert (await link.frame())["code"] == 5
    assert await sandbox.queue(session) == []


async def test_ten_characters_are_enough(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", "一二三四五六七八九十")
    assert (await link.frame())["code"] == 20


async def test_a_trace_id_counts_once_in_a_live(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    assert (await link.frame())["code"] == 20
    await link.say("t", TEXT)
    assert (await link.frame())["code"] == 5
    sandbox.advance(60)
    assert [row["ref"] for row in await sandbox.heard(session)] == ["t"]


@pytest.mark.parametrize(
    "frame", ["nonsense", "[]", {"code": 11, "commandTraceId": "t"}, {"code": 12}, {"message": "x"}]
)
async def test_what_matches_nothing_is_answered_with_4(sandbox: Sandbox, frame: Any) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.send(frame)
    assert await link.frame() == {"code": 4, "message": "停止发送数据"}
    assert await link.quiet()


async def test_the_remaining_seconds_are_told(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await sandbox.control("PUT", "softsugar", {"stream_s": 600})
    await link.send({"code": 101})
    answer = await link.frame()
    assert answer["code"] == 102
    left = answer["message"]["remain_duration"]
    assert 500 < left <= 600
    sandbox.clock.advance(5)
    await link.send({"code": 101})
    answer = await link.frame()
    assert answer["message"]["remain_duration"] == left - 5
    assert answer["message"]["server_time"] == round(sandbox.clock.now().timestamp() * 1000)


async def test_two_sockets_of_a_session_get_all_notices(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    one, two = await sandbox.connect(session), await sandbox.connect(session)
    assert await two.quiet()
    await one.say("t", TEXT)
    assert await one.codes(1) == await two.codes(1) == [(20, "t")]


async def test_the_queue_survives_the_socket_and_notices_are_not_replayed(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.say("u", TEXT)
    await link.codes(2)
    await link.link.close()
    sandbox.advance(6)
    again = await sandbox.connect(session)
    assert await again.quiet()
    assert await sandbox.queue(session) == ["u"]
    sandbox.advance(6)
    assert await again.codes(1) == [(18, "u")]


async def open_microphone(sandbox: Sandbox, ref: str = "mic") -> tuple[dict[str, Any], Any]:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.send({"code": 0, "message": "begin", "commandTraceId": ref, "priority": 1})
    assert await link.frame() == {"code": 2, "message": "准备发送数据"}
    assert await link.codes(1) == [(20, ref)]
    return session, link


async def test_a_microphone_speaks_from_its_first_sound_to_its_end(sandbox: Sandbox) -> None:
    session, link = await open_microphone(sandbox)
    assert await link.quiet()
    await link.send(SECOND)
    assert await link.codes(1) == [(19, "mic")]
    sandbox.advance(2)
    await link.send({"code": 99, "message": "eof", "commandTraceId": "mic"})
    ack = await link.frame()
    assert (ack["code"], ack["message"]) == (-1, "接管消息ACK")
    assert ack["data"]["code"] == 99
    assert await link.codes(1) == [(18, "mic")]
    heard = await sandbox.heard(session)
    assert [(row["source"], row["cut"], row["ended_at"] - row["started_at"]) for row in heard] == [
        ("microphone", False, pytest.approx(2))
    ]


async def test_sound_that_came_early_is_heard_out(sandbox: Sandbox) -> None:
    _, link = await open_microphone(sandbox)
    for _ in range(20):
        await link.send(SECOND)
    await link.send({"code": 99, "message": "eof", "commandTraceId": "mic"})
    assert [code for code, _ in await link.codes(2)] == [19, -1]
    sandbox.advance(1.9)
    assert await link.quiet()
    sandbox.advance(0.2)
    assert await link.codes(1) == [(18, "mic")]


async def test_a_microphone_needs_an_empty_queue(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.frame()
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    assert await link.frame() == {"code": 7, "message": "算法端接管冲突被拒绝"}
    await sandbox.call("channel/command/cancel", {"sessionId": session["sessionId"], "commandTraceId": "-1"})
    assert await link.codes(1) == [(18, "t")]
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    assert (await link.frame())["code"] == 2


async def test_a_microphone_needs_a_live_session(sandbox: Sandbox) -> None:
    link = await sandbox.connect(await sandbox.create())
    await link.send({"code": 0, "message": "begin", "commandTraceId": "mic"})
    assert (await link.frame())["code"] == 6


@pytest.mark.parametrize(("size", "code"), [(4094, 19), (4095, 19), (4096, 5), (9000, 5)])
async def test_sound_frames_stay_under_4096_bytes(sandbox: Sandbox, size: int, code: int) -> None:
    _, link = await open_microphone(sandbox)
    await link.send(b"\0" * size)
    assert (await link.frame())["code"] == code


async def test_sound_without_a_microphone_is_stopped(sandbox: Sandbox) -> None:
    link = await sandbox.connect(await sandbox.go_live())
    await link.send(SECOND)
    assert (await link.frame())["code"] == 4


async def test_a_cancelled_microphone_is_told_to_stop(sandbox: Sandbox) -> None:
    session, link = await open_microphone(sandbox)
    await link.send(SECOND)
    await link.frame()
    await sandbox.call("channel/command/cancel", {"sessionId": session["sessionId"], "commandTraceId": "mic"})
    assert [(await link.frame())["code"] for _ in range(2)] == [4, 18]
    await link.send(SECOND)
    assert (await link.frame())["code"] == 4


async def test_a_lost_socket_frees_the_microphone_within_15_seconds(sandbox: Sandbox) -> None:
    session, link = await open_microphone(sandbox)
    await link.send(SECOND)
    await link.frame()
    link.link.transport.abort()
    watcher = await sandbox.connect(session)
    assert await watcher.quiet()
    await watcher.send({"code": 0, "message": "begin", "commandTraceId": "mine"})
    assert (await watcher.frame())["code"] == 7
    sandbox.advance(11)
    assert await watcher.codes(1) == [(18, "mic")]
    await watcher.send({"code": 0, "message": "begin", "commandTraceId": "mine2"})
    assert (await watcher.frame())["code"] == 2


async def test_text_during_a_microphone_waits_for_its_end(sandbox: Sandbox) -> None:
    _, link = await open_microphone(sandbox)
    await link.send(SECOND)
    await link.frame()
    await link.say("t", TEXT)
    assert await link.codes(1) == [(20, "t")]
    sandbox.advance(5)
    await link.send({"code": 99, "message": "eof", "commandTraceId": "mic"})
    assert [code for code, _ in await link.codes(3)] == [-1, 18, 19]


async def test_frames_of_the_digital_human_are_told_at_25_a_second(sandbox: Sandbox) -> None:
    script = json.loads(json.dumps(SCRIPT))
    roles = [{"file_id": "role-1", "notify_frame": [50, 25]}, {"file_id": "role-2", "notify_frame": [100]}]
    script["sceneList"][0]["digital_role_sublist"] = roles
    session = await sandbox.go_live(script=script)
    link = await sandbox.connect(session)
    sandbox.advance(1)
    reached = {"code": 30, "message": {"digital_role_file_id": "role-1", "cur_frame": 25}}
    assert await link.frame() == reached
    control = json.dumps({"digital_role": {"file_id": "role-2", "start": 75}})
    await sandbox.call("/api/2dvh/v1/material/live/super/pro/channel/control", {**_who(session), "param": control})
    sandbox.advance(1)
    assert (await link.frame())["message"] == {"digital_role_file_id": "role-2", "cur_frame": 100}
    sandbox.advance(30)
    assert await link.quiet()


async def test_a_takeover_brings_its_control_command_when_it_starts(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT, superControl=json.dumps({"digital_role": "role-2"}))
    await link.frame()
    assert (await _picture(sandbox)) == "role-1"
    sandbox.advance(1)
    assert (await _picture(sandbox)) == "role-2"


async def _picture(sandbox: Sandbox) -> str:
    state = await sandbox.control("GET", "state")
    return str(state["accounts"]["softsugar"]["sessions"][0]["digital_role"])


def _who(session: dict[str, Any]) -> dict[str, str]:
    return {"sessionId": session["sessionId"]}
