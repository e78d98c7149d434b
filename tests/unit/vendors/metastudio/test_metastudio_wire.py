"""Rooms and starts as the contract wants them; jobs, frames and times as the vendor prints them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_body, check_object
from dashboard.vendors.metastudio import commands, errors, jobs, link, notices, plans, token, wire
from dashboard.vendors.port import (
    AudienceEvent,
    Credential,
    ItemReport,
    JobReport,
    JobSays,
    PlannedItem,
    PlayAt,
    RoomPlan,
    ScriptReport,
    StartPlan,
    Step,
    Unrecognised,
    Vendor,
)
from dashboard.vendors.port_live import Timing
from dashboard.vendors.words import LONGEST_DETAIL, find

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
DOCUMENTS = contract("metastudio")
ITEMS = (
    PlannedItem(1, 1, "Greeting", "大家好，欢迎。"),
    PlannedItem(2, 1, "", "今天介绍三款口红。"),
    PlannedItem(3, 2, "Close", "谢谢大家。"),
)
CONFIG = {
    "model_asset_id": "model-1",
    "voice_asset_id": "voice-1",
    "speed": 110,
    "background": "https://img.example.com/bg.png",
    "view_mode": "vertical",
    "resolution": "1080x1920",
    "bit_rate": 4,
    "subtitles": True,
    "scenes": {"2": {"name": "Good-bye", "model_asset_id": "model-2", "background": "bg-asset"}},
}
PLAN = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG, "rtmp://push.example.com/live", "key-1", "r1")


def faults(endpoint: str, body: object) -> tuple[object, ...]:
    return check_body(DOCUMENTS, DOCUMENTS.endpoint(endpoint), body)


def test_a_room_keeps_to_the_contract_and_numbers_its_whole_script() -> None:
    body: Any = plans.room_body(PLAN)
    assert faults("create_smart_live_room", body) == ()
    assert faults("update_smart_live_room", body) == ()
    first, second = body["scene_scripts"]
    assert [item["sequence_no"] for item in first["shoot_scripts"] + second["shoot_scripts"]] == [1, 2, 3]
    assert first["voice_config"] == {"voice_asset_id": "voice-1", "speed": 110}
    assert (second["script_name"], second["model_asset_id"]) == ("Good-bye", "model-2")
    assert first["background_config"][0]["background_config"] == CONFIG["background"]
    assert second["background_config"][0]["background_asset_id"] == "bg-asset"
    assert body["video_config"]["bitrate"] == 4000
    assert (body["output_urls"], body["stream_keys"]) == (["rtmp://push.example.com/live"], ["key-1"])


def test_a_start_asks_for_signed_callbacks_and_the_channels_events() -> None:
    plan = StartPlan("job-7", PLAN, "https://talkback.example.com/cb/9f3c", "callback-key")
    body: Any = plans.start_body(plan, command_channel=True)
    assert faults("start_smart_live_job", body) == ()
    assert body["live_event_callback_config"] == {
        "live_event_type_callback_url": "https://talkback.example.com/cb/9f3c",
        "auth_type": "MSS_A_HEAD",
        "key": "callback-key",
        "callback_event_type": ["SHOOT_SCRIPT_SWITCH", "RTMP_STREAM_STATE_CHANGE", "REPLY_COMMAND_FINISH"],
    }
    assert body["rtc_callback_config"]["rtc_callback_event_type"] == ["LIVE_PROGRESS", "REPLY_COMMAND_FINISH"]
    assert body["play_policy"]["repeat_count"] == -1


def test_a_start_without_callbacks_names_none() -> None:
    once = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG, repeat_script=False)
    body: Any = plans.start_body(StartPlan("job-7", once), command_channel=False)
    assert "live_event_callback_config" not in body
    assert "rtc_callback_config" not in body
    assert "output_urls" not in body
    assert body["play_policy"]["repeat_count"] == 0


def test_every_scene_needs_an_avatar_and_a_voice() -> None:
    assert plans.has_assets(PLAN)
    for missing in ("model_asset_id", "voice_asset_id"):
        config = {key: value for key, value in CONFIG.items() if key != missing and key != "scenes"}
        assert not plans.has_assets(RoomPlan("A1", "x", "zh-CN", ITEMS, config))


def test_junk_in_the_form_is_named_by_the_contract_and_breaks_nothing() -> None:
    config = {**CONFIG, "bit_rate": "lots", "speed": 9000}
    body = plans.room_body(RoomPlan("A1", "x", "zh-CN", ITEMS, config))
    text = " ".join(str(one) for one in faults("create_smart_live_room", body))
    assert "bitrate" in text
    assert "speed" in text


@pytest.mark.parametrize(
    ("at", "play_type"), [(PlayAt.END, "APPEND"), (PlayAt.NEXT, "INSERT"), (PlayAt.NOW, "PLAY_NOW")]
)
def test_the_play_type_is_always_sent(at: PlayAt, play_type: str) -> None:
    for command in (commands.say_body("你好", at), commands.clip_body("https://x.example.com/a.mp3", at)):
        assert faults("execute_smart_live_command", command) == ()
        params: Any = command["params"]
        assert params["play_type"] == play_type


def test_a_batch_of_events_counts_itself() -> None:
    body = jobs.events_body(
        [AudienceEvent(1, 1694481224245, '{"content":"hi"}'), AudienceEvent(6, 1694481236886, "{}")]
    )
    assert faults("report_live_event", body) == ()
    assert body["total"] == 2
    assert faults("report_live_event", jobs.events_body(())) == ()


def test_a_login_keeps_to_the_contract() -> None:
    held = Credential(Vendor.METASTUDIO, "", region="cn-north-4", iam_user="u", iam_domain="d", iam_password="p")
    assert faults("create_token", token.token_body(held)) == ()
    scope: Any = token.token_body(replace(held, region="", project_id="p1"))["auth"]["scope"]
    assert scope == {"project": {"id": "p1"}}


# ----------------------------------------------------------------------------------------------------------------- jobs


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("WAITING", JobSays.PREPARING),
        ("PROCESSING", JobSays.LIVE),
        ("SUCCEED", JobSays.ENDED),
        ("SUCCESS", JobSays.ENDED),
        ("CANCELED", JobSays.ENDED),
        ("FAILED", JobSays.FAILED),
        ("BLOCKED", JobSays.BLOCKED),
        ("BLOCK", JobSays.BLOCKED),
    ],
)
def test_both_spellings_of_a_jobs_state(state: str, says: JobSays) -> None:
    report = wire.job_report(wire.decode(json.dumps({"job_id": "j1", "state": state}), wire.Job), NOW, "r1")
    assert report is not None
    assert (report.says, report.room_ref) == (says, "r1")
    assert (report.error is not None) == (says in (JobSays.FAILED, JobSays.BLOCKED))


def test_a_failed_job_says_why_in_our_words() -> None:
    raw = {
        "job_id": "j1",
        "state": "FAILED",
        "start_time": "2026-03-14T06:00:00Z",
        "error_info": {"error_code": "MSS.20010044", "error_msg": "digital human asset not available"},
    }
    report = wire.job_report(wire.decode(json.dumps(raw), wire.Job), NOW)
    assert report is not None
    assert report.error is not None
    assert report.error.happened == ("The avatar of this room is not available.", "该直播间的数字人不可用。")
    assert report.error.heard == "maybe"
    assert report.started_at == datetime(2026, 3, 14, 6, 0, tzinfo=UTC)


def test_a_room_of_the_vendor_becomes_items_of_one_script() -> None:
    raw = {
        "room_id": "r1",
        "room_name": "Lipstick",
        "update_time": "2022-12-05T12:30:37Z",
        "output_urls": ["rtmp://x/y"],
        "scene_scripts": [
            {
                "script_name": "One",
                "model_asset_id": "m",
                "voice_config": {"voice_asset_id": "v", "speed": 100},
                "background_config": [{"background_type": "IMAGE", "background_config": "bg"}],
                "shoot_scripts": [{"sequence_no": 0, "title": "a", "text_config": {"text": "A"}}],
            },
            {"script_name": "Two", "shoot_scripts": [{"sequence_no": 0, "audio_config": {"audio_url": "https://x"}}]},
        ],
    }
    summary = wire.room_summary(wire.decode(json.dumps(raw), wire.Room))
    assert summary.items == (PlannedItem(1, 1, "a", "A"), PlannedItem(2, 2, "", ""))
    assert summary.config["voice_asset_id"] == "v"
    assert summary.config["background"] == "bg"
    assert summary.output_url == "rtmp://x/y"


def test_report_urls_show_their_end_and_need_not() -> None:
    assert wire.report_url_until("https://x/y?auth_key=a&expires_time=1773468200000") == datetime.fromtimestamp(
        1773468200, UTC
    )
    for odd in ("", "https://x/y", "https://x/y?expires_time=soon", "https://x/y?expires_time=" + "9" * 40, "http://["):
        assert wire.report_url_until(odd) is None


# --------------------------------------------------------------------------------------------------------- the channel


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("PREPROCESSING", JobSays.PREPARING),
        ("PLAY_READY", JobSays.READY),
        ("PROCESSING", JobSays.LIVE),
        ("PLAY_PAUSE", JobSays.PAUSED),
        ("TAKE_OVER", JobSays.TAKEN_OVER),
        ("PLAY_END", JobSays.ENDED),
    ],
)
def test_the_channels_states(state: str, says: JobSays) -> None:
    report = notices.parse_channel(json.dumps({"message_type": "state_notify", "state": state}), "j1", NOW)
    assert report == JobReport("j1", says, NOW, code=state)


def test_progress_is_a_paragraph_or_the_start_of_a_reply() -> None:
    data = {"script_name": "Scene 1", "shoot_script_sequence_no": 2, "shoot_script_title": "Hi", "offset": "247"}
    frame = {"message_type": "live_progress_notify", "data": data}
    assert notices.parse_channel(json.dumps(frame), "j1", NOW) == ScriptReport("j1", 2, "Hi", NOW, "Scene 1", 247)
    frame["data"] = {**data, "reply_id": "c1"}
    assert notices.parse_channel(json.dumps(frame), "j1", NOW) == ItemReport("j1", "c1", Step.STARTED, NOW)


def test_a_finished_reply_as_an_object_and_as_text() -> None:
    for data in ({"reply_id": "c1"}, '{"reply_id":"c1"}'):
        frame = json.dumps({"message_type": "reply_command_finish_notify", "data": data})
        assert notices.parse_channel(frame, "j1", NOW) == ItemReport("j1", "c1", Step.FINISHED, NOW)


def test_the_printed_samples_are_not_json_and_are_kept() -> None:
    sample = '{\n "message_type": "state_notify",\n "state": "PREPROCESSING",\n}'
    assert isinstance(notices.parse_channel(sample, "j1", NOW), Unrecognised)


@given(st.one_of(st.text(), st.binary()))
def test_junk_is_kept_as_text_and_breaks_nothing(raw: str | bytes) -> None:
    assert isinstance(notices.parse_channel(raw, "j1", NOW), Unrecognised)


def test_commands_of_the_channel_keep_to_the_contract() -> None:
    frame = link.control("play_pause", Timing.SENTENCE_END)
    assert frame == {"message_type": "live_control", "command": "play_pause", "params": {"timing": "SENTENCE_END"}}
    # A22: the others take no timing.
    assert link.control("voice_start") == {"message_type": "live_control", "command": "voice_start"}
    for one in (frame, link.control("voice_start")):
        assert check_object(DOCUMENTS, "RtsaLiveControl", json.loads(json.dumps(one))) == ()


# --------------------------------------------------------------------------------------------------------------- errors


def test_a_refusal_has_the_words_of_its_code_and_status() -> None:
    for row in DOCUMENTS.errors:
        error = errors.of_answer(row.code, row.status, row.message)
        entry = find(Vendor.METASTUDIO, row.code, row.status)
        assert entry is not None
        assert (error.code, error.happened, error.heard) == (
            row.code,
            (entry.words.en[0], entry.words.zh[0]),
            "nothing",
        )
    name, concurrency = (errors.of_answer("MSS.41000002", status, "").happened[0] for status in (400, 403))
    assert ("character" in name, "training tasks" in concurrency) == (True, True)


def test_a_code_that_nobody_documents_says_so_under_its_own_name() -> None:
    answer, job, empty = errors.of_answer("MSS.9", 418, ""), errors.of_job("MSS.9", ""), errors.of_answer("", 418, "")
    assert [one.code for one in (answer, job, empty)] == ["MSS.9", "MSS.9", "http_418"]
    assert "documents do not explain" in answer.happened[0]
    assert (job.heard, "does not explain" in job.happened[0]) == ("maybe", True)


def test_vendor_text_in_a_detail_is_one_short_line() -> None:
    error = errors.of_answer("MSS.00000003", 400, "a\n\x00b " + "x" * 5000)
    assert len(error.detail) == LONGEST_DETAIL
    assert "\n" not in error.detail
