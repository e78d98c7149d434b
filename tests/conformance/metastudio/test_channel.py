"""What a job tells by callbacks and on the RTC channel, held against the contract, and each command of the channel.

Which command is taken in which state is our inference: the figure of 10.6 is lost (A23).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection

from dashboard.sandbox.metastudio_job import Job
from dashboard.vendors.contract.validation import check_fields, check_object
from dashboard.vendors.metastudio.callbacks import signature
from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.breaks import Case
from tests.conformance.metastudio.conftest import BODIES, Desk, open_desk
from tests.sandbox.metastudio.conftest import Console

CONTROL = BOOK.object("RtsaLiveControl").fields
TEXTS = ["First sentence here. Second sentence here.", "Next paragraph here.", "And one more."]
STATES = [term.value for term in BOOK.vocabulary("rtsa_states")]
COMMANDS = [term.value for term in BOOK.vocabulary("rtsa_commands")]
TIMINGS = [None, *(term.value for term in BOOK.vocabulary("rtsa_timings"))]
# What a command leads to; everything else changes nothing.
LEADS = {
    ("PLAY_READY", "play_start"): "PROCESSING",
    ("PLAY_READY", "voice_start"): "TAKE_OVER",
    ("PROCESSING", "play_pause"): "PLAY_PAUSE",
    ("PROCESSING", "voice_start"): "TAKE_OVER",
    ("PLAY_PAUSE", "play_resume"): "PROCESSING",
    ("PLAY_PAUSE", "voice_start"): "TAKE_OVER",
    ("TAKE_OVER", "voice_end"): "PROCESSING",
}


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as desk:
        yield desk


async def frame(link: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(link.recv(), 5)))


async def state(link: ClientConnection, changes: int = 0) -> str:
    """Ask for the state; before the answer come as many notices as the state has changed."""
    await link.send(json.dumps({"message_type": "live_control", "command": "get_current_state"}))
    told = [await notice(link) for _ in range(changes + 1)]
    return told[-1]


async def notice(link: ClientConnection) -> str:
    while (told := await frame(link))["message_type"] != "state_notify":
        pass
    return str(told["state"])


def control(command: str, timing: str | None) -> str:
    params = {} if timing is None else {"params": {"timing": timing}}
    return json.dumps({"message_type": "live_control", "command": command, **params})


async def job_in(desk: Desk, wanted: str) -> Job:
    room_id = await desk.make_room(TEXTS, room_name=desk.fresh(), play_policy={"auto_play_script": False})
    job = desk.face.model.jobs[(await desk.start(room_id))["job_id"]]
    if wanted == "PREPROCESSING":
        return job
    desk.play(3)
    steps = {"PROCESSING": ["play_start"], "PLAY_PAUSE": ["play_start", "play_pause"]}
    steps |= {"TAKE_OVER": ["play_start", "voice_start"]}
    for step in steps.get(wanted, []):
        desk.face.model.settle(job, job.control(step, desk.world.clock.now()))
    if wanted == "PLAY_END":
        await desk.call("POST", desk.job_path(job, "stop"))
    return job


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("before", STATES)
async def test_each_command_in_each_state(desk: Desk, before: str, timing: str | None) -> None:
    for command in COMMANDS:
        job = await job_in(desk, before)
        assert job.phase == before
        async with await desk.join(job) as link:
            assert (await frame(link))["state"] == before
            wanted = LEADS.get((before, command), before)
            is_late = (command, timing) == ("play_pause", "SENTENCE_END") and wanted != before
            await link.send(control(command, timing))
            if command == "get_current_state":
                assert await notice(link) == before
            after = await state(link, changes=int(wanted != before and not is_late))
            assert after == (before if is_late else wanted), (before, command, timing)
            if is_late:
                desk.play(10)
                assert await notice(link) == wanted


@pytest.mark.parametrize("before", ["PLAY_READY", "PROCESSING", "PLAY_PAUSE"])
async def test_a_broken_command_changes_nothing(desk: Desk, before: str) -> None:
    """Each rule of 10.6 that a frame can break; there is no answer to one."""
    job = await job_in(desk, before)
    tried: list[Case] = []
    async with await desk.join(job) as link:
        await frame(link)
        for command in COMMANDS[1:]:
            whole = {"message_type": "live_control", "command": command, "params": {"timing": "NOW"}}
            for case in BODIES.broken(CONTROL, whole):
                await link.send(json.dumps(case.body))
                assert await state(link) == before, case
                tried.append(case)
    assert len(tried) == 5 * 20
    assert {case.rule for case in tried} == {"mandatory", "type", "enum"}


async def test_every_frame_that_a_job_sends_fits_the_contract(desk: Desk) -> None:
    both = {"rtc_callback_event_type": [term.value for term in BOOK.vocabulary("rtc_callback_events")]}
    room_id = await desk.make_room(TEXTS, room_name="Told", rtc_callback_config=both)
    job = desk.face.model.jobs[(await desk.start(room_id))["job_id"]]
    seen: list[dict[str, Any]] = []
    async with await desk.join(job) as link:
        desk.play(3)
        await desk.say(job, "Inserted words.", "INSERT")
        for command in ("play_pause", "play_resume", "voice_start", "voice_end"):
            await link.send(control(command, "NOW"))
            await state(link, changes=1)
        desk.play(60)
        seen.extend([json.loads(text) async for text in link])
    tables = {"live_progress_notify", "reply_command_finish_notify"}
    for told in seen:
        if told["message_type"] in tables:
            assert check_fields(BOOK, BOOK.callback(told["message_type"]).fields, told) == ()
        else:
            assert check_object(BOOK, "RtsaStateNotify", told) == ()
    assert {told["message_type"] for told in seen} == {"state_notify", *tables}


@pytest.mark.parametrize("auth", [None, "None", *(term.value for term in BOOK.vocabulary("auth_types"))])
async def test_every_callback_of_every_kind_fits_the_contract(desk: Desk, auth: str | None) -> None:
    """And its signature is what the console's own reader computes from the same reading (A11)."""
    console = Console()
    server = await console.serve()
    kinds = [term.value for term in BOOK.vocabulary("live_callback_events")]
    config = {"live_event_type_callback_url": console.url, "callback_event_type": kinds, "key": "secret"}
    config |= {} if auth is None else {"auth_type": auth}
    outputs = {"output_urls": ["rtmp://push/live"], "stream_keys": ["k"]}
    job = await desk.on_air(TEXTS, room_name="Called", live_event_callback_config=config, **outputs)
    await desk.say(job, "Inserted words.", "PLAY_NOW")
    desk.play(1)
    job.lose_output(desk.world.clock.now())
    desk.face.model.settle(job, job.advance(desk.world.clock.now()))
    desk.play(60)
    await desk.world.callbacks.idle()
    server.close()
    documented = {callback.name: callback for callback in BOOK.callbacks if callback.transport == "http"}
    states = set()
    for target, headers, body in console.got:
        assert check_fields(BOOK, documented[body["event_type"]].fields, body) == ()
        message = json.loads(body["message"])
        assert (message["room_id"], message["job_id"]) == (job.room_id, job.job_id)
        states.add(message.get("state"))
        assert_signed(console.url, target, headers, auth)
    assert {body["event_type"] for _, _, body in console.got} == set(kinds)
    assert states == {None, "CONNECTING", "CONNECTED", "DISCONNECTED", "RECONNECTING", "END"}


def assert_signed(url: str, target: str, headers: dict[str, str], auth: str | None) -> None:
    path = url[url.index("/", len("http://")) :]
    if auth == "MSS_A":
        joined, _, rest = target.partition("&hwSecret=")
        secret, _, time = rest.partition("&hwTime=")
        assert (joined, secret) == (path, signature("secret", url, time))
    elif auth == "MSS_A_HEAD":
        time = headers["x-hw-mss-time"]
        assert (target, headers["x-hw-mss-secret"]) == (path, signature("secret", url, time))
    else:
        assert target == path
        assert not any(name.startswith("x-hw-") for name in headers)
