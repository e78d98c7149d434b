"""Every request and response that the document prints, replayed: taken, or listed with the reading that explains it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboard.vendors.contract.validation import check_response
from tests.conformance.softsugar.conftest import EXTERNAL, TEXT, who
from tests.conformance.softsugar.samples import DOCUMENTS
from tests.sandbox.conftest import SCRIPT, Sandbox

ENDPOINTS = {one.id: one for one in DOCUMENTS.endpoints}
REQUESTS = {one.id: example for one in DOCUMENTS.endpoints for example in one.examples if example.status == 0}
RESPONSES = {one.id: example for one in DOCUMENTS.endpoints for example in one.examples if example.status == 200}
SCRIPTS = {one.stem: one.read_text(encoding="utf-8") for one in (Path(__file__).parent / "printed").glob("*.json")}

NOT_REPLAYED = {
    "queue_list, second": "004:520-546 prints the same request and response again (B30)",
    "running_list, request": "the document prints none: the call takes nothing (004:930)",
    "the socket's address": "wss://host and the session 123 are a pattern; test_frames tries its values (004:244)",
}

LIVE_ROLES = ["aaaaaaa", "role-1"]


def test_nothing_printed_is_left_out() -> None:
    """13 requests, 14 responses, 3 frames up, 12 down, 2 files; `NOT_REPLAYED` is what is printed beside them."""
    assert set(REQUESTS) == set(ENDPOINTS) - {"running_list"}
    assert set(RESPONSES) == set(ENDPOINTS)
    assert [sum(bool(one.example) for one in DOCUMENTS.frames if one.direction == way) for way in ("up", "down")] == [
        3,
        12,
    ]
    assert set(SCRIPTS) == {"live_script", "control_script"}
    assert len(NOT_REPLAYED) == 3


async def stage(sandbox: Sandbox) -> dict[str, Any]:
    """A live in which the names of the examples mean something: its digital human, its takeovers, its RTC channel."""
    script = json.loads(json.dumps(SCRIPT))
    script["sceneList"][0]["digital_role_sublist"] = [{"file_id": one} for one in LIVE_ROLES]
    session = await sandbox.go_live(script=script, **{**EXTERNAL, "urtcChannelId": "rtcChannelId"})
    link = await sandbox.connect(session)
    for ref in ("first", "commandTraceId", "commandTraceId2", "commandTraceId3"):
        await link.say(ref, TEXT)
    await link.codes(4)
    return session


async def replay(sandbox: Sandbox, name: str, session: dict[str, Any]) -> dict[str, Any]:
    endpoint, example = ENDPOINTS[name], REQUESTS.get(name)
    if endpoint.method == "GET":
        query = dict(parse_qsl(urlsplit(example.text.strip()).query)) if example else {}
        assert set(query) == {field.name for field in endpoint.query}
        values = {**query, **who(session)} if query else {}
        answer = await sandbox.request(endpoint.path, None, "GET", **values)
    else:
        assert example is not None
        body = json.loads(example.text)
        answer = await sandbox.request(endpoint.path, {**body, **(who(session) if "sessionId" in body else {})})
    value: dict[str, Any] = answer.json()
    return value


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
async def test_a_printed_request_is_taken_and_answered_as_printed(sandbox: Sandbox, name: str) -> None:
    """Word for word but for the session's id; the answer has every key of the printed answer, with its type."""
    session = await stage(sandbox)
    if name == "channel_create":
        # The printed answer is that of a stream that is there at once (004:63).
        await sandbox.control("PUT", "softsugar", {"prepare_s": 0})
    if name == "history_list":
        await sandbox.call("channel/close", who(await sandbox.create()))
    answer = await replay(sandbox, name, session)
    printed = json.loads(RESPONSES[name].text)
    assert (answer["code"], answer["message"]) == (printed["code"], printed["message"])
    assert set(paths_of(printed)) <= set(paths_of(answer))
    if name in ("super_control", "warmed_file_add", "queue_reorder", "command_cancel"):
        told = {key: value for key, value in printed["data"].items() if key != "commandTraceId"}
        assert told == {key: answer["data"][key] for key in told}


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_printed_response_fits_its_table(name: str) -> None:
    faults = check_response(DOCUMENTS, ENDPOINTS[name], 200, json.loads(RESPONSES[name].text))
    # "rtcUid" stands for a number there (004:74 against 004:60).
    assert [one.pointer for one in faults] == (["/data/rtcUid"] if name == "channel_create" else [])


def paths_of(value: Any, at: str = "") -> Iterator[str]:
    """Each key with the type of its value; rows of a list count as one."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths_of(one, f"{at}/{key}")
    elif isinstance(value, list):
        for one in value:
            yield from paths_of(one, f"{at}/*")
    else:
        yield f"{at}: {type(value).__name__}"


async def test_the_printed_live_script_is_taken(sandbox: Sandbox) -> None:
    """004:659-740, with seven keys of beautify that have no row (B14)."""
    session = await sandbox.go_live(script=json.loads(SCRIPTS["live_script"]))
    link = await sandbox.connect(session)
    sandbox.advance(16)
    assert [(await link.frame())["message"]["cur_frame"] for _ in range(2)] == [1, 400]


async def test_the_printed_control_script_is_received(sandbox: Sandbox) -> None:
    """004:784-812, also as superControl of a takeover."""
    session = await stage(sandbox)
    path = ENDPOINTS["super_control"].path
    answer = await sandbox.call(path, {**who(session), "param": SCRIPTS["control_script"]})
    assert answer["data"]["commandStatus"] == 51
    link = await sandbox.connect(session)
    await link.say("controlled", TEXT, superControl=SCRIPTS["control_script"])
    assert await link.codes(1) == [(20, "controlled")]


async def test_the_printed_frames_up_are_taken(sandbox: Sandbox) -> None:
    """Begin, sound, end and the question for the rest, word for word (004:247-264)."""
    begin, end, ask = (frame.example for frame in DOCUMENTS.frames if frame.direction == "up" and frame.example)
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.send(begin)
    assert await link.codes(2) == [(2, ""), (20, "xxxyyyzzz111333")]
    await link.send(b"\0" * 3200)
    assert await link.codes(1) == [(19, "xxxyyyzzz111333")]
    await link.send(end)
    assert [one for one, _ in await link.codes(1)] == [-1]
    await link.send(ask)
    assert [one for one, _ in await link.codes(1)] == [102]
    sandbox.advance(1)
    assert await link.codes(1) == [(18, "xxxyyyzzz111333")]
