"""SoftSugar's 14 calls and its socket one by one: each does its work at the sandbox once, and is refused once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.vendors.port import (
    ConflictReport,
    FrameReport,
    ItemReport,
    JobSays,
    Link,
    NotSent,
    Outcome,
    PlayAt,
    Rejected,
    RemainingReport,
    RoomPlan,
    Say,
    Session,
    StartPlan,
    Step,
    VoiceReport,
    always,
)
from dashboard.vendors.port_live import SceneChange
from dashboard.vendors.softsugar.gateway import SoftSugarGateway
from dashboard.vendors.softsugar.link import SoftSugarLink
from tests.contract.conftest import CONFIG, ITEMS, Desk, value

TEXT = "请大家把喜欢打在公屏上，谢谢大家。"
ROOM = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG)
OWN_RTC = {"app_id": "app", "channel_id": "channel-1", "uid": "77", "token": "first"}
GONE = Session("0" * 32, token="x")


@pytest.fixture
def door(softsugar: Desk) -> SoftSugarGateway:
    assert isinstance(softsugar.gateway, SoftSugarGateway)
    return softsugar.gateway


async def socket_of(desk: Desk, session: Session) -> SoftSugarLink:
    link = await desk.listen(session)
    assert isinstance(link, SoftSugarLink)
    return link


# --------------------------------------------------------------------------------------------------------------- calls

Call = Callable[[SoftSugarGateway, Session], Awaitable[Outcome[Any]]]
#: Every call that names a session.
CALLS: dict[str, Call] = {
    "channel_heartbeat": lambda door, one: door.heartbeat(one),
    "channel_start": lambda door, one: door.go_live(one),
    "channel_close": lambda door, one: door.stop_job(one),
    "channel_stat": lambda door, one: door.show_job(one),
    "queue_list": lambda door, one: door.queue(one),
    "command_cancel": lambda door, one: door.cancel(one, None, always),
    "queue_reorder": lambda door, one: door.reorder(one, "t1", 1, always),
    "super_control": lambda door, one: door.scenes.change(one, {"change_bit_rate": 2.5}, always),
    "warmed_file_add": lambda door, one: door.scenes.preload(one, ["f1"]),
    "rtc_token_audience": lambda door, one: door.tokens.for_viewer(one, one.vendor_ref),
    "rtc_token_host_renew": lambda door, one: door.tokens.renew(one, "second"),
}
#: Those that may fail on a plain session that is live with nothing in its queue.
NEEDS_MORE = ("queue_reorder", "rtc_token_host_renew")


@pytest.mark.parametrize("call", [one for one in CALLS if one not in NEEDS_MORE])
async def test_a_live_session_takes_each_call(softsugar: Desk, door: SoftSugarGateway, call: str) -> None:
    session = await softsugar.on_air()
    value(await CALLS[call](door, session))


@pytest.mark.parametrize("call", CALLS)
async def test_a_session_that_is_not_there_refuses_each_call(
    softsugar: Desk, door: SoftSugarGateway, call: str
) -> None:
    refused = await CALLS[call](door, GONE)
    assert isinstance(refused, Rejected)
    assert all(refused.error.happened + refused.error.todo)


@pytest.mark.parametrize(
    "call",
    [
        lambda door: door.start_job(StartPlan("job-1", ROOM)),
        lambda door: door.list_running(),
        lambda door: door.history.page(),
        lambda door: door.check_account(),
    ],
)
async def test_a_wrong_token_is_refused(softsugar: Desk, call: Callable[[Any], Awaitable[Outcome[Any]]]) -> None:
    stranger = softsugar.another(token="wrong")
    assert isinstance(await call(stranger), Rejected)
    await stranger.close()
    assert value(await softsugar.gateway.list_running()).jobs == ()


async def test_what_the_live_script_may_not_hold_does_not_leave(softsugar: Desk, door: SoftSugarGateway) -> None:
    wide = replace(ROOM, config={**CONFIG, "bit_rate": 70})
    refused = await door.start_job(StartPlan("job-1", wide))
    assert isinstance(refused, Rejected)
    assert refused.error.code == "contract"
    assert "/param/bit_rate" in refused.error.detail
    assert value(await door.list_running()).jobs == ()


async def test_history_tells_what_is_over(softsugar: Desk, door: SoftSugarGateway) -> None:
    first, second = await softsugar.on_air(), await softsugar.on_air()
    for session in (first, second):
        softsugar.advance(10.0)
        value(await door.stop_job(session))
    softsugar.advance(1.0)
    past = value(await door.history.page())
    assert {one.vendor_ref for one in past} == {first.vendor_ref, second.vendor_ref}
    assert [one.code for one in past] == ["5", "5"]
    for one in past:
        assert one.started_at is not None
        assert one.ended_at is not None
        assert one.started_at < one.ended_at
    assert len(value(await door.history.page(2, 1))) == 1
    assert isinstance(await door.history.page(0), Rejected)


# -------------------------------------------------------------------------------------------------------------- scenes


async def test_a_scene_is_changed_and_its_files_are_fetched_before(softsugar: Desk, door: SoftSugarGateway) -> None:
    session = await softsugar.on_air()
    value(await door.scenes.preload(session, ["role-2", "image-1"]))
    change: SceneChange = {
        "digital_role": {"file_id": str(CONFIG["file_id"]), "scale": 1.5},
        "foregrounds": [{"file_id": "image-1", "type": 2, "rect": [0, 0, 100, 100]}],
        "backgrounds": {"file_id": "image-1", "type": 2},
    }
    assert value(await door.scenes.change(session, change))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"digital_role": {"file_id": "unknown-role"}}, "53"),
        ({"foregrounds": [{"file_id": "sandbox-undecodable", "type": 1}]}, "54"),
        ({"foregrounds": [{"file_id": "sandbox-undecodable", "type": 2}]}, "55"),
        ({"change_bit_rate": 70}, "contract"),
    ],
)
async def test_a_scene_change_that_fails_has_its_status(
    softsugar: Desk, door: SoftSugarGateway, change: SceneChange, code: str
) -> None:
    session = await softsugar.on_air()
    refused = await door.scenes.change(session, change)
    assert isinstance(refused, Rejected)
    assert refused.error.code == code
    assert all(refused.error.happened + refused.error.todo)


async def test_files_that_cannot_be_fetched_have_a_status(softsugar: Desk, door: SoftSugarGateway) -> None:
    session = await softsugar.on_air()
    refused = await door.scenes.preload(session, ["sandbox-undecodable"])
    assert isinstance(refused, Rejected)
    assert refused.error.code == "73"
    assert isinstance(await door.scenes.preload(session, []), Rejected)


async def test_a_change_of_the_scene_goes_along_with_words(softsugar: Desk, door: SoftSugarGateway) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    wrong: Any = {"change_bit_rate": 70}
    refused = await door.say(session, Say("t0", TEXT, PlayAt.NOW, change=wrong), link, always)
    assert isinstance(refused, Rejected)
    assert "/superControl/change_bit_rate" in refused.error.detail
    change: SceneChange = {"digital_role": {"file_id": str(CONFIG["file_id"])}}
    value(await door.say(session, Say("t1", TEXT, PlayAt.NOW, change=change), link, always))
    await softsugar.until(ItemReport, trace_id="t1", step=Step.QUEUED)


# -------------------------------------------------------------------------------------------------------------- tokens


async def test_a_viewer_gets_a_token_for_the_sessions_channel_only(softsugar: Desk, door: SoftSugarGateway) -> None:
    session = await softsugar.on_air()
    assert value(await door.tokens.for_viewer(session, session.vendor_ref))
    assert isinstance(await door.tokens.for_viewer(session, "another-channel"), Rejected)


async def test_our_own_rtc_application_is_taken_and_its_token_renewed(softsugar: Desk, door: SoftSugarGateway) -> None:
    room = replace(ROOM, config={**CONFIG, "rtc": OWN_RTC})
    session = value(await door.start_job(StartPlan("job-1", room))).session
    softsugar.advance(4.0)
    value(await door.tokens.renew(session, "second"))
    assert value(await door.tokens.for_viewer(session, "channel-1"))
    plain = await softsugar.on_air()
    assert isinstance(await door.tokens.renew(plain, "second"), Rejected)


@pytest.mark.parametrize(("name", "wrong"), [("uid", "seven"), ("channel_id", "x" * 65)])
async def test_an_rtc_application_that_is_not_whole_is_refused(
    softsugar: Desk, door: SoftSugarGateway, name: str, wrong: str
) -> None:
    room = replace(ROOM, config={**CONFIG, "rtc": {**OWN_RTC, name: wrong}})
    assert isinstance(await door.start_job(StartPlan("job-1", room)), Rejected)


# -------------------------------------------------------------------------------------------------------------- socket


async def test_a_voice_takes_over_and_its_steps_are_told(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    value(await link.begin_voice("v1", always))
    await softsugar.until(VoiceReport, is_open=True)
    for _ in range(8):
        value(await link.send_sound(bytes(4000), always))
    assert await link.ping()
    softsugar.advance(0.5)
    await softsugar.until(ItemReport, trace_id="v1", step=Step.STARTED)
    value(await link.end_voice("v1", always))
    await softsugar.until(VoiceReport, is_open=False)
    softsugar.advance(5.0)
    await softsugar.until(ItemReport, trace_id="v1", step=Step.FINISHED)
    [heard] = softsugar.heard(session)
    assert heard["ref"] == "v1"


async def test_a_voice_beside_a_sentence_is_a_conflict(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    value(await softsugar.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), link, always))
    value(await link.begin_voice("v1", always))
    await softsugar.until(ConflictReport)
    # The voice is settled: a failure that names nothing can now only mean the sentence after it.
    value(await softsugar.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), link, always))
    await softsugar.until(ItemReport, trace_id="t1", step=Step.FAILED)
    assert not [one for one in softsugar.reports if isinstance(one, VoiceReport)]
    assert link.is_open


async def test_one_trace_twice_fails_the_second_voice(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    value(await link.begin_voice("v1", always))
    await softsugar.until(ItemReport, trace_id="v1", step=Step.QUEUED)
    value(await link.begin_voice("v1", always))
    await softsugar.until(ItemReport, trace_id="v1", step=Step.FAILED)


async def test_a_frame_of_sound_that_is_too_large_does_not_leave(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    refused = await link.send_sound(bytes(4096), always)
    assert isinstance(refused, Rejected)
    assert "4096" in refused.error.detail


async def test_the_remaining_time_is_told_when_asked(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    value(await softsugar.gateway.say(session, Say("t1", TEXT * 10, PlayAt.NOW), link, always))
    softsugar.advance(1.0)
    value(await link.ask_remaining(always))
    told = await softsugar.until(RemainingReport)
    assert told.vendor_ref == session.vendor_ref
    assert told.remaining_s > 0


async def test_a_frame_of_the_video_is_told(softsugar: Desk, door: SoftSugarGateway) -> None:
    subs = [{"file_id": CONFIG["file_id"], "notify_frame": [50]}]
    room = replace(ROOM, config={**CONFIG, "digital_role_sublist": subs})
    session = value(await door.start_job(StartPlan("job-1", room))).session
    softsugar.advance(4.0)
    await softsugar.listen(session)
    value(await door.go_live(session))
    assert value(await door.show_job(session)).report.says is JobSays.LIVE
    softsugar.advance(5.0)
    told = await softsugar.until(FrameReport)
    assert (told.avatar_ref, told.frame) == (CONFIG["file_id"], 50)


async def test_a_closed_socket_carries_nothing(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link = await socket_of(softsugar, session)
    await link.close()
    say = Say("t1", TEXT, PlayAt.NOW)
    for outcome in (
        await link.say(say, always),
        await link.begin_voice("v1", always),
        await link.send_sound(bytes(32), always),
        await link.end_voice("v1", always),
        await link.ask_remaining(always),
    ):
        assert outcome == NotSent("link_down")


async def test_a_voice_without_a_beginning_is_stopped(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    link: Link = await socket_of(softsugar, session)
    value(await link.end_voice("v1", always))
    assert await link.ping()
    assert not [one for one in softsugar.reports if isinstance(one, VoiceReport)]
