"""Every documented input of the fourteen HTTP calls, kept and broken; made from the contract (004:11-1119)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest

from dashboard.vendors.contract.model import Endpoint
from dashboard.vendors.contract.validation import check_response
from tests.conformance.softsugar.conftest import EXTERNAL, TEXT, refusal_of, trace_of, who
from tests.conformance.softsugar.samples import DOCUMENTS, Broken, broken, whole
from tests.sandbox.conftest import SCRIPT, Sandbox

ENDPOINTS = {one.id: one for one in DOCUMENTS.endpoints}
SESSIONLESS = ("channel_create", "running_list", "history_list")
IN_SESSION = sorted(set(ENDPOINTS) - set(SESSIONLESS))

STATUS_INSTEAD = {("super_control", "param"): (52, 55), ("warmed_file_add", "filePreloadList"): (74,)}
"""What is wrong inside these is told by a commandStatus, printed in the answer's own table (004:193, 397)."""

BROKEN_INPUTS = {
    "channel_close": 8,
    "channel_create": 426,
    "channel_heartbeat": 8,
    "channel_start": 8,
    "channel_stat": 1,
    "command_cancel": 16,
    "history_list": 37,
    "queue_list": 8,
    "queue_reorder": 23,
    "rtc_token_audience": 16,
    "rtc_token_host_renew": 16,
    "running_list": 0,
    "super_control": 236,
    "warmed_file_add": 19,
}
"""How many broken calls the contract gives for each endpoint: none may drop out unseen."""


async def ready_for(sandbox: Sandbox) -> dict[str, Any]:
    """A live session that every call fits: own RTC, something playing and something waiting."""
    session = await sandbox.go_live(**EXTERNAL)
    link = await sandbox.connect(session)
    for ref in ("playing", "waiting"):
        await link.say(ref, TEXT)
    await link.codes(2)
    sandbox.advance(0.3)
    await link.codes(1)
    return session


def good_call(endpoint: Endpoint, session: dict[str, Any]) -> dict[str, Any]:
    """Every documented argument with a value that the sandbox takes."""
    values = whole(endpoint.body or endpoint.query)
    fitting = {
        "sessionId": session["sessionId"],
        "commandTraceId": "waiting",
        "rtcChannelId": EXTERNAL["urtcChannelId"],
        "sortName": "startTime",
        "pageNo": 1,
    }
    values |= {name: value for name, value in fitting.items() if name in values}
    if endpoint.id == "super_control":
        values["param"] = json.dumps({**json.loads(values["param"]), "digital_role": "role-2"})
    return values


async def send(sandbox: Sandbox, endpoint: Endpoint, values: dict[str, Any]) -> httpx.Response:
    if endpoint.method == "GET":
        return await sandbox.request(endpoint.path, None, "GET", **values)
    return await sandbox.request(endpoint.path, values)


def faults(endpoint: Endpoint, session: dict[str, Any]) -> list[Broken]:
    values = good_call(endpoint, session)
    if endpoint.method == "GET":
        # A query has texts only: nothing but a missing key can break a text.
        return [
            one for one in broken(endpoint.query, values) if one.rule == "mandatory" and None not in one.value.values()
        ]
    if endpoint.id == "super_control":
        # The table says object, the printed examples a text (B10): the rows of the object need the object.
        values["param"] = json.dumps(whole(DOCUMENTS.object("ControlScript").fields))
    return list(broken(endpoint.body, values))


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
async def test_a_call_with_every_argument_is_taken(sandbox: Sandbox, name: str) -> None:
    session = await ready_for(sandbox)
    answer = await send(sandbox, ENDPOINTS[name], good_call(ENDPOINTS[name], session))
    assert answer.status_code == 200
    assert answer.json()["code"] == 0, answer.text
    assert check_response(DOCUMENTS, ENDPOINTS[name], 200, answer.json()) == ()
    data = answer.json().get("data")
    if isinstance(data, dict) and "commandStatus" in data:
        assert data["commandStatus"] in (51, 75)
    if isinstance(data, dict) and "isSuccess" in data:
        assert data["isSuccess"] is True


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
async def test_every_broken_argument_is_refused_and_changes_nothing(sandbox: Sandbox, name: str) -> None:
    endpoint, session = ENDPOINTS[name], await ready_for(sandbox)
    wrong, cases = [], faults(endpoint, session)
    for case in cases:
        before = trace_of(sandbox)
        answer = await send(sandbox, endpoint, case.value)
        if problem := judge(name, case, answer):
            wrong.append((case.pointer, case.rule, case.source, problem))
        elif trace_of(sandbox) != before and "commandStatus" not in answer.text:
            wrong.append((case.pointer, case.rule, case.source, "left a trace"))
    assert wrong == []
    assert len(cases) == BROKEN_INPUTS[name], Counter(case.rule for case in cases)


def judge(name: str, case: Broken, answer: httpx.Response) -> str:
    """What is wrong with the answer to a broken call."""
    for (endpoint, field), statuses in STATUS_INSTEAD.items():
        is_inside = case.pointer.startswith(f"/{field}") and (
            field != "param" or isinstance(case.value.get(field), str)
        )
        if name == endpoint and is_inside and case.rule != "mandatory":
            status = (answer.json().get("data") or {}).get("commandStatus")
            return "" if answer.json()["code"] == 0 and status in statuses else answer.text
    return refusal_of(answer) or ("" if answer.json()["code"] == 400 else answer.text)


def test_every_row_of_the_scripts_is_broken_at_least_once() -> None:
    """61 rows of the live script and 36 of the control script (004:596-657, 747-782)."""
    session = {"sessionId": "s"}
    for name, table, count in (("channel_create", "LiveScript", 61), ("super_control", "ControlScript", 36)):
        sources = {case.source for case in faults(ENDPOINTS[name], session) if case.pointer.startswith("/param/")}
        tables = [one for key, one in DOCUMENTS.objects.items() if key.startswith(table)]
        documented = {str(field.source) for one in tables for field in one.fields}
        assert sources == documented
        assert len(documented) == count


@pytest.mark.parametrize("name", IN_SESSION)
async def test_unknown_and_ended_sessions_are_refused(sandbox: Sandbox, name: str) -> None:
    session = await ready_for(sandbox)
    values = good_call(ENDPOINTS[name], session)
    answer = await send(sandbox, ENDPOINTS[name], {**values, "sessionId": "nobody"})
    assert (refusal_of(answer), answer.json()["code"]) == ("", 404)
    await sandbox.call("channel/close", who(session))
    before = trace_of(sandbox)
    answer = await send(sandbox, ENDPOINTS[name], values)
    if name in ("channel_close", "channel_stat"):
        # Closing twice is closed; the state of what has ended is what stat is for (004:894).
        assert answer.json()["code"] == 0
    else:
        assert (refusal_of(answer), answer.json()["code"]) == ("", 409)
    assert trace_of(sandbox) == before


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer wrong", "wrong"])
async def test_a_wrong_token_is_refused(sandbox: Sandbox, name: str, token: str | None) -> None:
    endpoint, headers = ENDPOINTS[name], {} if token is None else {"Authorization": token}
    before = trace_of(sandbox)
    answer = await sandbox.client.request(endpoint.method, endpoint.path, json={}, headers=headers)
    assert (answer.status_code, refusal_of(answer)) == (401, "")
    assert trace_of(sandbox) == before


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
async def test_other_methods_and_bodies_that_are_no_json_object_are_refused(sandbox: Sandbox, name: str) -> None:
    endpoint, headers = ENDPOINTS[name], {"Authorization": sandbox.token}
    before = trace_of(sandbox)
    for method in {"GET", "POST", "PUT", "DELETE"} - {endpoint.method}:
        answer = await sandbox.client.request(method, endpoint.path, headers=headers)
        assert (answer.status_code, refusal_of(answer)) == (405, "")
    bodies = (b"{", b"[]", b'"x"', b"7", b"\xff", b"[" * 100_000) if endpoint.method == "POST" else ()
    for body in bodies:
        answer = await sandbox.client.post(endpoint.path, content=body, headers=headers)
        assert (refusal_of(answer), answer.json()["code"]) == ("", 400)
    assert trace_of(sandbox) == before


@pytest.mark.parametrize("missing", [name for name in EXTERNAL if name != "urtcUseExternalApp"])
async def test_an_own_rtc_application_needs_each_of_its_values(sandbox: Sandbox, missing: str) -> None:
    """004:37-40: mandatory with urtcUseExternalApp."""
    body = {"param": json.dumps(SCRIPT), **{name: value for name, value in EXTERNAL.items() if name != missing}}
    answer = await sandbox.request(ENDPOINTS["channel_create"].path, body)
    assert (refusal_of(answer), answer.json()["code"]) == ("", 400)


@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ({"resolution": [1920, 1080]}, True),
        ({"resolution": [10, 10]}, True),
        ({"resolution": [1080, 1921]}, False),
        ({"resolution": [1081, 1920]}, False),
        ({"resolution": [1080, 2280], "streaming_param": {"rtmp_url": "rtmp://a/b"}}, True),
        ({"resolution": [1081, 2280], "streaming_param": {"rtmp_url": "rtmp://a/b"}}, False),
        ({"resolution": [1080, 2280], "streaming_param": {"rtmp_url": ""}}, False),
        ({"sceneList": []}, False),
        ({"sceneList": [{}]}, False),
        ({"sceneList": [{"digital_role": {"scale": 1.0}}]}, False),
        ({"sceneList": None}, False),
    ],
)
async def test_what_the_live_script_says_in_words(sandbox: Sandbox, change: dict[str, Any], is_taken: bool) -> None:
    answer = await sandbox.request(ENDPOINTS["channel_create"].path, {"param": json.dumps({**SCRIPT, **change})})
    assert (answer.json()["code"] == 0) is is_taken


@pytest.mark.parametrize(
    ("control", "status"),
    [
        ({"digital_role": {"file_id": "role-2", "start": 10, "end": 11}}, 51),
        ({"digital_role": {"file_id": "role-2", "start": 10, "end": 10}}, 55),
        ({"digital_role": {"file_id": "role-2", "end": 0}}, 55),
        ({"backgrounds": {"file_id": "b", "rect": [0, 0, 1080, 1920]}}, 51),
        ({"backgrounds": {"file_id": "b", "rect": [0, 0, 1080, 1919]}}, 55),
        ({"foregrounds": [{"file_id": "v", "type": 1}] * 2 + [{"file_id": "g", "type": 2}] * 40}, 51),
        ({"foregrounds": [{"file_id": "v", "type": 1}] * 3}, 55),
        ({"foregrounds": [{"file_id": "p", "type": 0}] * 41}, 55),
        ({"foregrounds": [{"file_id": "g", "type": 2}] * 41}, 55),
        ({"backgrounds": [{"file_id": "b"}]}, 55),
        ({"change_bit_rate": 7}, 51),
    ],
)
async def test_what_the_control_script_says_in_words(sandbox: Sandbox, control: dict[str, Any], status: int) -> None:
    session = await sandbox.go_live()
    body = {**who(session), "param": json.dumps(control)}
    answer = await sandbox.request(ENDPOINTS["super_control"].path, body)
    assert answer.json()["data"]["commandStatus"] == status
