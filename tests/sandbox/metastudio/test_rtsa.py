"""The stand-in for the RTC COMMAND channel, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dashboard.sandbox.metastudio_job import Job
from tests.sandbox.metastudio.conftest import Vendor

LONG = ["First sentence here. Second sentence here. Third sentence here.", "Next paragraph here."]
BOTH = {"rtc_callback_event_type": ["LIVE_PROGRESS", "REPLY_COMMAND_FINISH"]}


async def frame(link: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(link.recv(), 5)))


async def frames(link: ClientConnection, until: str) -> list[dict[str, Any]]:
    """Frames up to the first whose state or message type is `until`."""
    found = []
    while True:
        found.append(await frame(link))
        if until in (found[-1].get("state"), found[-1]["message_type"]):
            return found


async def control(link: ClientConnection, command: str, timing: str | None = None) -> None:
    params = {} if timing is None else {"params": {"timing": timing}}
    await link.send(json.dumps({"message_type": "live_control", "command": command, **params}))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what a frame on its way must cause."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  the sandbox announces nothing to its tests
            await asyncio.sleep(0.001)


async def phase(job: Job, wanted: str) -> None:
    await until(lambda: job.phase == wanted)


async def start(vendor: Vendor, **fields: Any) -> Job:
    started = await vendor.start(await vendor.make_room(LONG, **fields))
    return vendor.face.model.jobs[started["job_id"]]


async def test_states_from_preparation_to_the_end(vendor: Vendor) -> None:
    job = await start(vendor)
    async with await vendor.join(job) as link:
        assert await frame(link) == {"message_type": "state_notify", "state": "PREPROCESSING"}
        vendor.play(3)
        assert (await frame(link))["state"] == "PLAY_READY"
        assert (await frame(link))["state"] == "PROCESSING"
        vendor.play(60)
        assert [told.get("state") for told in await frames(link, "PLAY_END")][-1] == "PLAY_END"
        with pytest.raises(ConnectionClosed) as closed:
            await frame(link)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


async def test_progress_tells_what_plays_and_finish_what_ended(vendor: Vendor) -> None:
    job = await start(vendor, rtc_callback_config=BOTH)
    async with await vendor.join(job) as link:
        vendor.play(3)
        told = (await frames(link, "live_progress_notify"))[-1]
        assert told["data"] == {
            "script_name": "Product 1",
            "shoot_script_sequence_no": 1,
            "shoot_script_title": "Paragraph 1",
            "offset": "0",
        }
        said = await vendor.say(job, "Inserted words. And some more.", "INSERT")
        vendor.play(30)
        rest = await frames(link, "reply_command_finish_notify")
        assert rest[-1]["data"] == {"reply_id": said}
        playing = [one["data"] for one in rest if one["message_type"] == "live_progress_notify"]
        assert playing[0] == {**told["data"], "offset": "21"}
        assert [(one["reply_id"], one["offset"]) for one in playing if "reply_id" in one] == [(said, "0"), (said, "16")]


async def test_without_configuration_progress_is_told_and_finish_is_not(vendor: Vendor) -> None:
    job = await start(vendor)
    async with await vendor.join(job) as link:
        vendor.play(3)
        await vendor.say(job, "Inserted words.", "PLAY_NOW")
        vendor.play(60)
        told = {one["message_type"] for one in await frames(link, "PLAY_END")}
    assert told == {"state_notify", "live_progress_notify"}


async def test_all_sockets_hear_the_same_and_the_state_on_connect(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as one, await vendor.join(job) as two:
        assert await frame(one) == await frame(two) == {"message_type": "state_notify", "state": "PROCESSING"}
        await control(one, "play_pause", "NOW")
        assert (await frame(one))["state"] == (await frame(two))["state"] == "PLAY_PAUSE"


async def test_pause_now_is_silent_and_resume_goes_on_where_it_stopped(vendor: Vendor) -> None:
    job = await vendor.on_air([LONG[0]])
    async with await vendor.join(job) as link:
        vendor.play(0.5)
        await control(link, "play_pause", "NOW")
        await phase(job, "PLAY_PAUSE")
        vendor.play(100)
        assert job.phase == "PLAY_PAUSE"
        await control(link, "play_resume")
        await phase(job, "PROCESSING")
        vendor.play(60)
    first, second = vendor.heard(job)
    assert first["cut_by"] == "pause"
    assert second["started_at"] - first["ended_at"] == pytest.approx(100)
    total = first["ended_at"] - first["started_at"] + second["ended_at"] - second["started_at"]
    assert total == pytest.approx(job.speech(LONG[0], 100).duration_s)


async def test_pause_at_the_sentence_end(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as link:
        await control(link, "play_pause", "SENTENCE_END")
        await control(link, "get_current_state")
        assert [(await frame(link))["state"] for _ in range(2)] == ["PROCESSING"] * 2
        vendor.play(20)
        assert job.phase == "PLAY_PAUSE"
    speech = job.speech(LONG[0], 100)
    heard = vendor.heard(job)[0]
    assert heard["ended_at"] - heard["started_at"] == pytest.approx(speech.sentence_ends[0])


async def test_without_auto_play_the_script_waits_for_its_signal_and_requests_do_not(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG, play_policy={"auto_play_script": False})
    vendor.play(100)
    assert (job.phase, vendor.heard(job)) == ("PLAY_READY", [])
    await vendor.say(job, "Words before the show.", "APPEND")
    vendor.play(10)
    async with await vendor.join(job) as link:
        await control(link, "play_start")
        await phase(job, "PROCESSING")
        vendor.play(60)
    assert [row["text"] for row in vendor.heard(job)] == ["Words before the show.", *LONG]


async def test_play_now_is_heard_in_a_pause_and_the_script_still_waits(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as link:
        await control(link, "play_pause")
        await phase(job, "PLAY_PAUSE")
        await vendor.say(job, "A word in between.", "PLAY_NOW")
        vendor.play(100)
        assert [row["text"] for row in vendor.heard(job)][1:] == ["A word in between."]
        await control(link, "play_resume")
        await phase(job, "PROCESSING")
        vendor.play(60)
    assert [row["text"] for row in vendor.heard(job)][1:] == ["A word in between.", LONG[1]]


async def test_a_human_voice_takes_over_and_gives_back(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as link:
        await control(link, "voice_start")
        await phase(job, "TAKE_OVER")
        await link.send(b"\0" * 32_000)
        await vendor.say(job, "Waits for the human.", "PLAY_NOW")
        vendor.play(5)
        assert [row["source"] for row in vendor.heard(job)] == ["script", "microphone"]
        await control(link, "voice_end")
        await phase(job, "PROCESSING")
        vendor.play(60)
    assert [row["text"] for row in vendor.heard(job)] == [LONG[0], "", "Waits for the human.", LONG[1]]
    assert job.state == "SUCCEED"


async def test_a_voice_whose_socket_was_cut_ends_by_itself(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as link:
        await control(link, "voice_start")
        await phase(job, "TAKE_OVER")
    await until(lambda: vendor.face.channel.count(job.job_id) == 0)
    vendor.play(9)
    assert job.phase == "TAKE_OVER"
    vendor.play(2)
    assert job.phase == "PROCESSING"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"message_type":"live_control","command":"dance"}', '{"command":1}'])
async def test_frames_that_make_no_sense_change_nothing(vendor: Vendor, text: str) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as link:
        await link.send(text)
        await control(link, "get_current_state")
        assert [(await frame(link))["state"] for _ in range(2)] == ["PROCESSING"] * 2
    assert [row["cut"] for row in vendor.heard(job)] == [False]


async def refused(vendor: Vendor, url: str) -> int:
    async with connect(url) as link:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(link.recv(), 5)
        assert closed.value.rcvd is not None
        return int(closed.value.rcvd.code)


async def test_a_wrong_or_expired_signature_is_closed_with_4401(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    assert await refused(vendor, vendor.rtc_url(job, signature="0" * 64)) == 4401
    assert await refused(vendor, vendor.rtc_url(job, user_id="other")) == 4401
    assert await refused(vendor, vendor.rtc_url(job, ctime="99999999999")) == 4401
    old = vendor.rtc_url(job)
    vendor.clock.advance(26 * 3600)
    assert await refused(vendor, old) == 4401


async def test_an_open_socket_is_closed_when_its_signature_expires(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG, play_policy={"repeat_count": -1, "play_mode": "NO_PRESET"})
    async with await vendor.join(job) as link:
        await frame(link)
        vendor.play(26 * 3600)
        with pytest.raises(ConnectionClosed) as closed:
            await frame(link)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_expire_tokens_closes_the_channel_too(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    url = vendor.rtc_url(job)
    async with connect(url) as link:
        await frame(link)
        vendor.world.faults.add("expire_tokens", vendor="metastudio", count=1)
        with pytest.raises(ConnectionClosed) as closed:
            await frame(link)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
    assert await refused(vendor, url) == 4401
    async with await vendor.join(job) as link:
        assert (await frame(link))["state"] == "PROCESSING"


async def test_an_account_without_the_capability_has_no_channel(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    answer = await vendor.http.put(vendor.server.url + "/sandbox/metastudio", json={"command_channel": False})
    assert answer.json()["command_channel"] is False
    with pytest.raises(InvalidHandshake):
        await vendor.join(job)
    assert (await vendor.http.put(vendor.server.url + "/sandbox/metastudio", json={"x": 1})).status_code == 400


async def test_frames_on_the_wire_are_logged(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    async with await vendor.join(job) as link:
        await frame(link)
        await control(link, "get_current_state")
        await frame(link)
    rows = vendor.world.frames.since(0, job.job_id)
    assert rows[0]["frame"] == {"message_type": "state_notify", "state": "PROCESSING"}
