"""SoftSugar's frames, times and bodies against what its document prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.vendors import masking
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_body
from dashboard.vendors.port import (
    ConflictReport,
    FrameReport,
    ItemReport,
    JobSays,
    LinkRefused,
    PlannedItem,
    PlayAt,
    RemainingReport,
    RoomPlan,
    Say,
    Step,
    Unrecognised,
    VoiceReport,
)
from dashboard.vendors.softsugar import errors, frames, plans, wire

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
STAMP = 1773468200123
AT = datetime.fromtimestamp(STAMP / 1000, UTC)


def notice(code: int, **data: Any) -> str:
    return json.dumps({"code": code, "message": "…", "data": {"sessionId": "s", **data}}, ensure_ascii=False)


@pytest.mark.parametrize(("code", "step"), [(20, Step.QUEUED), (19, Step.STARTED), (18, Step.FINISHED)])
def test_a_takeovers_steps_carry_the_vendors_time(code: int, step: Step) -> None:
    report = wire.parse_frame(notice(code, commandTraceId="t1", timestamp=STAMP), "s", NOW)
    assert report == ItemReport("s", "t1", step, AT)


def test_the_documents_placeholder_time_is_not_believed() -> None:
    report = wire.parse_frame(notice(20, commandTraceId="t1", timestamp=1234567890), "s", NOW)
    assert report == ItemReport("s", "t1", Step.QUEUED, NOW)


def test_a_conflict_a_remaining_time_and_a_refused_link() -> None:
    assert wire.parse_frame('{"code":7,"message":"算法端接管冲突被拒绝"}', "s", NOW) == ConflictReport("s", NOW)
    remaining = '{"code":102,"message":{"channel_id":"x","server_time":1749191900412,"remain_duration":30}}'
    told = wire.parse_frame(remaining, "s", NOW)
    assert told == RemainingReport("s", 30, datetime.fromtimestamp(1749191900.412, UTC))
    for code in (1, 6):
        refused = wire.parse_frame(json.dumps({"code": code, "message": "认证失败"}), "s", NOW)
        assert isinstance(refused, LinkRefused)
        assert refused.error.code == f"socket_{code}"


def test_the_frame_that_tells_nothing_is_passed_over() -> None:
    assert wire.parse_frame('{"code":4,"message":"停止发送数据"}', "s", NOW) is None


def test_frames_about_the_microphone_and_the_video_are_told_aside() -> None:
    assert wire.parse_frame('{"code":2,"message":"ready"}', "s", NOW) == VoiceReport("s", True, NOW)
    assert wire.parse_frame('{"code":-1,"message":"接管消息ACK","data":{"code":99}}', "s", NOW) == VoiceReport(
        "s", False, NOW
    )
    reached = '{"code":30,"message":{"digital_role_file_id":"001","cur_frame":500}}'
    assert wire.parse_frame(reached, "s", NOW) == FrameReport("s", "001", 500, NOW)
    assert isinstance(wire.parse_frame('{"code":30,"message":"500"}', "s", NOW), Unrecognised)


def test_every_documented_frame_down_is_read() -> None:
    for frame in contract("softsugar").frames:
        if frame.direction == "down":
            told = wire.parse_frame(frame.example, "xxxxx", NOW)
            # A failure (5) names no takeover, so without one that waits nobody knows what it means.
            assert isinstance(told, Unrecognised) is (frame.code == 5), frame.code


@pytest.mark.parametrize(
    "frame",
    [
        frames.text_takeover(Say("t1", "请大家把喜欢打在公屏上。", PlayAt.NEXT)),
        frames.text_takeover(
            Say("t1", "请大家把喜欢打在公屏上。", PlayAt.NEXT, change={"backgrounds": {"file_id": "b", "type": 2}})
        ),
        frames.voice_begin("t1"),
        frames.voice_end("t1"),
        frames.ask_remaining(),
    ],
)
def test_frames_up_keep_to_the_contract(frame: frames.Frame) -> None:
    assert frames.faults(frame) == ""
    assert json.loads(frames.text_of(frame)) == frame


def test_a_frame_that_does_not_keep_to_it_says_where() -> None:
    assert "/tts_query/content" in frames.faults(frames.text_takeover(Say("t1", "太短", PlayAt.NOW)))
    odd: Any = {"code": 77}
    assert frames.faults(odd) == "code 77"


def test_a_failure_without_a_name_means_the_only_unconfirmed_takeover() -> None:
    frame = '{"code":5,"message":"发送数据失败"}'
    report = wire.parse_frame(frame, "s", NOW, "t9")
    assert isinstance(report, ItemReport)
    assert (report.trace_id, report.step) == ("t9", Step.FAILED)
    assert isinstance(wire.parse_frame(frame, "s", NOW), Unrecognised)


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps)))
def test_junk_is_kept_as_text_and_breaks_nothing(raw: str | bytes) -> None:
    report = wire.parse_frame(raw, "s", NOW)
    assert report is None or isinstance(report, Unrecognised)


@given(
    st.fixed_dictionaries(
        {"code": st.integers(-3, 130)},
        optional={
            "message": st.text() | st.none() | st.dictionaries(st.text(), st.integers()),
            "data": st.none()
            | st.text()
            | st.fixed_dictionaries({}, optional={"commandTraceId": st.text(), "timestamp": st.integers() | st.text()}),
        },
    )
)
def test_any_frame_of_the_right_outline_gives_a_report_or_nothing(frame: dict[str, Any]) -> None:
    report = wire.parse_frame(json.dumps(frame), "s", NOW)
    assert report is None or report.vendor_ref == "s"


def test_nesting_and_endless_numbers_are_only_text() -> None:
    assert isinstance(wire.parse_frame("[" * 100_000, "s", NOW), Unrecognised)
    assert isinstance(wire.parse_frame('{"code":20,"data":' + '{"a":' * 5000, "s", NOW), Unrecognised)
    endless = wire.parse_frame('{"code":102,"message":{"remain_duration":1e300}}', "s", NOW)
    assert endless == RemainingReport("s", wire.LONGEST_REMAINING_S, NOW)


def test_kept_frames_are_short_and_without_tokens() -> None:
    raw = json.dumps({"code": 77, "sessionToken": "verysecret", "rtcToken": 'a"b-verysecret', "x": "y" * 9000})
    report = wire.parse_frame(raw, "s", NOW)
    assert isinstance(report, Unrecognised)
    assert "verysecret" not in report.raw
    assert len(report.raw) <= masking.LONGEST


def test_times_without_a_zone_are_the_vendors() -> None:
    assert wire.parse_time("2023-02-17 16:53:26") == datetime(2023, 2, 17, 8, 53, 26, tzinfo=UTC)
    assert wire.parse_time("yesterday") is None
    assert wire.parse_time(None) is None


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (32, JobSays.PREPARING),
        (35, JobSays.READY),
        (2, JobSays.LIVE),
        (5, JobSays.ENDED),
        (50, JobSays.LOST),
        (9, JobSays.FAILED),
        (99, JobSays.FAILED),
    ],
)
def test_a_sessions_status_in_our_words(status: int, says: JobSays) -> None:
    report = wire.job_report("s", status, NOW)
    assert report is not None
    assert report.says is says
    assert (report.error is not None) == (says in (JobSays.FAILED, JobSays.LOST))


def test_every_documented_status_is_a_state_a_step_or_has_a_sentence() -> None:
    for documented in contract("softsugar").status_codes:
        known = documented.code in wire.STATES or documented.code in wire.CALLBACK_STEPS
        assert known or all(errors.of_status(documented.code).happened)


def test_running_sessions_as_the_table_and_as_the_example_print_them() -> None:
    one = '{"sessionId":"a","status":2,"startTime":"2023-02-17 16:53:26"}'
    assert wire.decode_running(msg(one))[0].session_id == "a"
    assert [each.session_id for each in wire.decode_running(msg(f'[{one},{{"sessionId":"b","status":32}}]'))] == [
        "a",
        "b",
    ]
    for empty in ('""', "null", "{}", "[]"):
        assert wire.decode_running(msg(empty)) == []


def msg(text: str) -> Any:
    import msgspec

    return msgspec.Raw(text.encode())


# ------------------------------------------------------------------------------------------------------------ upstream


def plan(**config: Any) -> RoomPlan:
    return RoomPlan(
        "A1",
        "Lipstick",
        "zh-CN",
        (PlannedItem(1, 1, "Hello", "欢迎来到我们的直播间。"),),
        {"file_id": "role-1", **config},
        "rtmp://push.example.com/live",
        "key-1?x=1",
    )


def test_a_create_holds_json_inside_json_and_keeps_to_the_contract() -> None:
    body = plans.create_body(plan(resolution="1080x1920", bit_rate=3.5, scale=1.0), "job-7")
    documents = contract("softsugar")
    assert check_body(documents, documents.endpoint("channel_create"), body) == ()
    script = json.loads(str(body["param"]))
    assert script["live_type"] == "SuperLiveRoomPro"
    assert script["resolution"] == [1080, 1920]
    assert script["bit_rate"] == 3.5
    assert script["sceneList"][0]["digital_role"] == {"file_id": "role-1", "scale": 1.0}
    assert script["streaming_param"] == {"rtmp_url": "rtmp://push.example.com/live/key-1?x=1"}
    assert body["userData"] == "job-7"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("720x1280", [720, 1280]),
        ([720, 1280], [720, 1280]),
        (None, [1080, 1920]),
        ("wide", [1080, 1920]),
        (7, [1080, 1920]),
    ],
)
def test_resolutions_of_the_form(value: object, expected: list[int]) -> None:
    assert plans.resolution(value) == expected


@pytest.mark.parametrize(
    ("say", "place"),
    [
        (Say("t", "x", PlayAt.END, is_script=True), -1),
        (Say("t", "x", PlayAt.END), frames.LAST_PLACE),
        (Say("t", "x", PlayAt.END, place=2), 2),
        (Say("t", "x", PlayAt.NEXT), 1),
        (Say("t", "x", PlayAt.NOW), 1),
    ],
)
def test_places_in_the_vendors_queue(say: Say, place: int) -> None:
    assert frames.priority(say) == place


def test_a_text_takeover_is_one_frame_of_code_10() -> None:
    frame = json.loads(frames.text_of(frames.text_takeover(Say("t1", "请大家把喜欢打在公屏上。", PlayAt.NEXT))))
    assert frame == {
        "code": 10,
        "message": "text",
        "commandTraceId": "t1",
        "priority": 1,
        "tts_query": {"content": "请大家把喜欢打在公屏上。", "ssml": False},
    }


# ----------------------------------------------------------------------------------------------------------- callbacks


def test_callback_numbers_are_other_than_those_of_the_socket() -> None:
    for status, step in ((34, Step.QUEUED), (36, Step.STARTED), (37, Step.FINISHED), (39, Step.FAILED)):
        body = json.dumps({"sessionId": "s", "status": status, "commandTraceId": "t1"}).encode()
        report = wire.parse_callback(body, NOW, stamped=True)
        assert isinstance(report, ItemReport)
        assert (report.trace_id, report.step, report.at) == ("t1", step, NOW)
        assert report.was_cut is (False if step is Step.FINISHED else None)


def test_a_finish_is_dated_by_the_vendor() -> None:
    body = json.dumps(
        {"sessionId": "s", "status": 37, "commandTraceId": "t1", "commandFinishTime": "2026-03-14 14:03:20"}
    ).encode()
    report = wire.parse_callback(body, NOW, stamped=True)
    assert isinstance(report, ItemReport)
    assert report.at == NOW - timedelta(seconds=2) + timedelta(milliseconds=999)


def test_a_cut_told_in_whole_seconds_is_not_dated_before_the_cancel_that_made_it() -> None:
    body = json.dumps(
        {"sessionId": "s", "status": 37, "commandTraceId": "t1", "commandFinishTime": "2026-03-14 14:03:22"}
    ).encode()
    came_at = NOW + timedelta(milliseconds=340)
    report = wire.parse_callback(body, came_at, stamped=True)
    assert isinstance(report, ItemReport)
    assert (report.at, report.was_cut) == (came_at, True)
