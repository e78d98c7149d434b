"""SoftSugar's HTTP calls beside the main thread: tokens, refusals, lists, control, RTC."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import API, SCRIPT, Sandbox

CREATE = "/api/2dvh/v2/material/live/channel/create"
CONTROL = "/api/2dvh/v1/material/live/super/pro/channel/control"
EXTERNAL = {
    "urtcUseExternalApp": True,
    "urtcToken": "t",
    "urtcUid": "4294967295",
    "urtcAppId": "app",
    "urtcChannelId": "my-channel",
}


@pytest.mark.parametrize(
    ("header", "status"), [("{}", 200), ("Bearer {}", 200), ("Bearer x", 401), ("", 401), (None, 401)]
)
async def test_the_token_comes_raw_or_as_bearer(sandbox: Sandbox, header: str | None, status: int) -> None:
    headers = {} if header is None else {"Authorization": header.format(sandbox.token)}
    answer = await sandbox.client.get(f"{API}/channel/running/list", headers=headers)
    assert answer.status_code == status
    assert answer.headers["X-Request-Id"]
    assert (answer.json()["code"] == 0) is (status == 200)


async def test_paths_and_methods_that_do_not_exist(sandbox: Sandbox) -> None:
    assert (await sandbox.request("channel/nothing", {})).status_code == 404
    assert (await sandbox.request("channel/close", method="GET")).status_code == 405
    assert (await sandbox.request("/elsewhere", {})).status_code == 404


async def test_bodies_that_are_no_json_object(sandbox: Sandbox) -> None:
    headers = {"Authorization": sandbox.token}
    for content in (b"", b"{", b"[]", b'"x"', b"\xff\xfe"):
        answer = await sandbox.client.post(f"{API}/channel/close", content=content, headers=headers)
        assert answer.json()["code"] == 400, content


async def test_a_body_beyond_12_megabytes_is_refused(sandbox: Sandbox) -> None:
    answer = await sandbox.client.post(f"{API}/channel/close", content=b"x" * (12 * 1024 * 1024 + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "channel/heartbeat",
        "channel/start",
        "channel/close",
        "channel/command/queue/list",
    ],
)
async def test_unknown_sessions_are_refused(sandbox: Sandbox, path: str) -> None:
    assert (await sandbox.call(path, {"sessionId": "nobody"}))["code"] == 404
    assert (await sandbox.call(path, {}))["code"] == 400
    assert (await sandbox.call(path, {"sessionId": 5}))["code"] == 400


async def test_start_waits_for_the_stream_and_may_come_twice(sandbox: Sandbox) -> None:
    session = await sandbox.create()
    assert (await sandbox.call("channel/start", _who(session)))["code"] == 409
    sandbox.advance(3)
    assert (await sandbox.call("channel/start", _who(session)))["data"] is True
    assert (await sandbox.call("channel/start", _who(session)))["data"] is True


async def test_close_may_come_twice_and_ended_sessions_refuse_the_rest(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    for _ in range(2):
        assert (await sandbox.call("channel/close", _who(session)))["data"] is True
    for path in ("channel/heartbeat", "channel/start", "channel/command/queue/list"):
        assert (await sandbox.call(path, _who(session)))["code"] == 409


async def test_rtc_values_are_told_as_soon_as_the_stream_exists(sandbox: Sandbox) -> None:
    session = await sandbox.create(**EXTERNAL)
    stat = await _stat(sandbox, session)
    assert stat == {"status": 32, "sessionToken": session["sessionToken"]}
    sandbox.advance(3)
    stat = await _stat(sandbox, session)
    assert (stat["status"], stat["rtcChannelId"], stat["rtcUid"]) == (35, "my-channel", "4294967295")


@pytest.mark.parametrize(
    "change",
    [
        {"urtcToken": ""},
        {"urtcAppId": None},
        {"urtcUid": "4294967296"},
        {"urtcUid": "-1"},
        {"urtcUid": "１２"},
        {"urtcChannelId": "c" * 65},
    ],
)
async def test_an_own_rtc_application_needs_all_four_values(sandbox: Sandbox, change: dict[str, Any]) -> None:
    body = {"param": json.dumps(SCRIPT), **EXTERNAL, **change}
    assert (await sandbox.call(CREATE, body))["code"] == 400


async def test_the_older_printed_example_is_accepted(sandbox: Sandbox) -> None:
    """004:46 has no live_type and keeps backgrounds inside the scene."""
    scene = {
        "digital_role": {"id": 1, "face_feature_id": "nina", "position": {"x": 10, "y": 60}, "scale": 1},
        "tts_query": {"content": "x", "ssml": False},
        "backgrounds": [{"type": 0, "rect": [0, 0, 1080, 1920]}],
        "effects": {"version": "1.0", "beautify": {}},
    }
    script = {"version": "0.0.1", "recycle": 0, "stream_mode": True, "sceneList": [scene]}
    assert (await sandbox.create(script))["status"] == 32


@pytest.mark.parametrize(
    "change",
    [
        {"sceneList": []},
        {"sceneList": [{}]},
        {"sceneList": [{"digital_role": {"scale": 1.0}}]},
        {"sceneList": "x"},
        {"bit_rate": 0},
        {"bit_rate": 7.5},
        {"live_type": "Other"},
        {"version": 2},
        {"file_preload_list": "x"},
    ],
)
async def test_a_live_script_outside_the_table_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    body = {"param": json.dumps({**SCRIPT, **change})}
    assert (await sandbox.call(CREATE, body))["code"] == 400
    assert (await sandbox.call("channel/running/list", method="GET"))["data"] == []


async def test_a_session_may_fail_while_it_is_made(sandbox: Sandbox) -> None:
    script = {**SCRIPT, "sceneList": [{"digital_role": {"file_id": "sandbox-init-fails"}}]}
    session = await sandbox.create(script)
    sandbox.advance(3)
    assert await sandbox.stat(session) == 99


async def test_streams_run_out(open_sandbox: Any) -> None:
    sandbox = await open_sandbox(softsugar_streams=2)
    first, second = await sandbox.create(), await sandbox.create()
    third = await sandbox.create()
    assert [one["status"] for one in (first, second, third)] == [32, 32, 98]
    await sandbox.fault("quota", count=1, params={"status": 97})
    fourth = await sandbox.create()
    assert fourth["status"] == 97
    assert (await sandbox.call("channel/stat", method="GET", sessionId=third["sessionId"]))["code"] == 404
    history = await sandbox.call("channel/history/list", {"status": 98})
    assert [row["sessionId"] for row in history["data"]["result"]] == [third["sessionId"]]
    assert (await sandbox.call("channel/history/list", {}))["data"]["result"] == []
    await sandbox.call("channel/close", _who(first))
    assert (await sandbox.create())["status"] == 32


async def test_the_history_is_paged_sorted_and_filtered(sandbox: Sandbox) -> None:
    ids = []
    for number in range(5):
        session = await sandbox.create()
        ids.append(session["sessionId"])
        sandbox.advance(60)
        if number != 2:
            await sandbox.call("channel/close", _who(session))
    sandbox.advance(76)
    page = (await sandbox.call("channel/history/list", {"pageNo": 2, "pageSize": 2}))["data"]
    assert page["pagination"] == {
        "pageNo": 2,
        "numberPages": 3,
        "numberRecords": 5,
        "pageSize": 2,
        "startIndex": 2,
    }
    assert [row["sessionId"] for row in page["result"]] == [ids[2], ids[1]]
    body = {"sortName": "startTime", "sortValue": "asc"}
    rows = (await sandbox.call("channel/history/list", body))["data"]["result"]
    assert [row["sessionId"] for row in rows] == ids
    assert rows[0]["startTime"] == "2026-03-14 14:03:22"
    assert rows[0]["endTime"] == "2026-03-14 14:04:22"
    lost = (await sandbox.call("channel/history/list", {"status": 50}))["data"]["result"]
    assert [row["sessionId"] for row in lost] == [ids[2]]
    one = (await sandbox.call("channel/history/list", {"sessionId": ids[4]}))["data"]["result"]
    assert [row["sessionId"] for row in one] == [ids[4]]


@pytest.mark.parametrize(
    "body",
    [{"pageNo": 0}, {"pageSize": 0}, {"pageSize": "x"}, {"sortName": "x"}, {"sortValue": "up"}, {"pageSize": 5000}],
)
async def test_a_history_that_cannot_be_listed(sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert (await sandbox.call("channel/history/list", body))["code"] == 400


@pytest.mark.parametrize(
    ("param", "status"),
    [
        ("nonsense", 52),
        ("[]", 52),
        (json.dumps({"digital_role": "role-2"}), 51),
        (json.dumps({"digital_role": {"file_id": "role-2", "start": 5}}), 51),
        (json.dumps({"digital_role": "warm-1"}), 51),
        (json.dumps({"digital_role": "stranger"}), 53),
        (json.dumps({"foregrounds": [{"file_id": "sandbox-undecodable", "type": 1}]}), 54),
        (json.dumps({"backgrounds": {"file_id": "sandbox-undecodable", "type": 0}}), 55),
        (json.dumps({"foregrounds": [{"file_id": "x", "volume": 401}]}), 55),
        (json.dumps({}), 51),
    ],
)
async def test_control_commands_say_what_became_of_them(sandbox: Sandbox, param: str, status: int) -> None:
    session = await sandbox.go_live()
    answer = await sandbox.call(CONTROL, {**_who(session), "param": param})
    assert answer["code"] == 0
    assert answer["data"]["commandStatus"] == status
    assert answer["data"]["commandTraceId"]


async def test_the_printed_control_example_is_received(sandbox: Sandbox) -> None:
    """004:184, with a digital human that this live has."""
    layer = {"file_id": "f", "digital_role_file_id": "123321", "rect": [0, 0, 310, 88], "start": 0, "duration": 100}
    back = {**layer, "rect": [0, 0, 1080, 1920], "volume": 50}
    param = {"digital_role": "role-1", "backgrounds": back, "foregrounds": [{**layer, "delay": False, "volume": 50}]}
    session = await sandbox.go_live()
    answer = await sandbox.call(CONTROL, {**_who(session), "param": json.dumps(param)})
    assert answer["data"]["commandStatus"] == 51


async def test_preheated_files_are_accepted_afterwards(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    for files, status in ((["new"], 75), (["sandbox-undecodable"], 73), ([1, 2], 74), ("x", 74)):
        body = {**_who(session), "filePreloadList": files}
        answer = await sandbox.call("channel/command/warmed/file/add", body)
        assert answer["data"]["commandStatus"] == status, files
    answer = await sandbox.call(CONTROL, {**_who(session), "param": '{"digital_role": "new"}'})
    assert answer["data"]["commandStatus"] == 51
    assert (await sandbox.call("channel/command/warmed/file/add", _who(session)))["code"] == 400


async def test_reorder_moves_only_what_waits(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    for ref in "abcd":
        await link.say(ref)
    await link.codes(4)
    sandbox.advance(0.5)
    for ref, priority, done in (("d", 1, True), ("b", -1, True), ("a", 1, False), ("zzz", 1, False)):
        body = {**_who(session), "commandTraceId": ref, "priority": priority}
        assert (await sandbox.call("channel/command/queue/reorder", body))["data"] == {"isSuccess": done}
    assert await sandbox.queue(session) == ["a", "d", "c", "b"]
    body = {**_who(session), "commandTraceId": "c", "priority": "first"}
    assert (await sandbox.call("channel/command/queue/reorder", body))["code"] == 400


async def test_rtc_tokens(sandbox: Sandbox) -> None:
    session = await sandbox.go_live(**EXTERNAL)
    path = "/api/2dvh/v1/material/rtc/token/"
    audience = await sandbox.call(path + "audience", {**_who(session), "rtcChannelId": "my-channel"})
    assert audience["data"].startswith("007eJx")
    assert (await sandbox.call(path + "audience", {**_who(session), "rtcChannelId": "x"}))["code"] == 400
    renewed = await sandbox.call(path + "host/renew", {**_who(session), "urtcToken": "fresh"})
    assert renewed == {"code": 0, "message": "success", "data": ""}
    assert (await _stat(sandbox, session))["rtcToken"] == "fresh"
    other = await sandbox.go_live()
    assert (await sandbox.call(path + "host/renew", {**_who(other), "urtcToken": "x"}))["code"] == 409


@pytest.mark.parametrize(
    "body", [{"what": 1}, {"streams": -1}, {"streams": "2"}, {"streams": True}, {"frames_per_s": 0}, [], "x"]
)
async def test_nonsense_switches_are_refused(sandbox: Sandbox, body: Any) -> None:
    before = await sandbox.control("GET", "softsugar")
    assert (await sandbox.client.put("/sandbox/softsugar", json=body)).status_code == 400
    assert await sandbox.control("GET", "softsugar") == before


async def test_switches_bind_what_runs_and_faults_do_not_reach_them(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    await sandbox.fault("outage")
    answer = await sandbox.control("PUT", "softsugar", {"heartbeat_s": 10})
    assert (answer["heartbeat_s"], answer["prepare_s"]) == (10, 3.0)
    await sandbox.control("DELETE", "faults")
    sandbox.advance(8)
    assert await sandbox.stat(session) == 50


async def test_switches_are_for_this_machine_only(sandbox: Sandbox) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    assert (await sandbox.client.put("/sandbox/softsugar", json={}, headers=headers)).status_code == 403


async def test_billing_begins_with_the_create(sandbox: Sandbox) -> None:
    session = await sandbox.create()
    sandbox.advance(30)
    await sandbox.call("channel/close", _who(session))
    sandbox.advance(30)
    assert (await sandbox.control("GET", "state"))["accounts"]["softsugar"]["billed_s"] == 30


async def _stat(sandbox: Sandbox, session: dict[str, Any]) -> dict[str, Any]:
    answer = await sandbox.call("channel/stat", method="GET", sessionId=session["sessionId"])
    data: dict[str, Any] = answer["data"]
    return data


def _who(session: dict[str, Any]) -> dict[str, str]:
    return {"sessionId": session["sessionId"]}
