"""Every answer of the live calls keeps to the documented response tables, and every refusal to the documented codes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from dashboard.lib.clock import ManualClock
from dashboard.sandbox import metastudio_wire as wire
from dashboard.sandbox.metastudio_face import MetaStudioFace
from dashboard.sandbox.world import SandboxConfig, World
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_response
from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

BOOK = contract("metastudio")


def check(vendor: Vendor, answer: httpx.Response) -> None:
    found = BOOK.match(answer.request.method, answer.request.url.path)
    assert found is not None
    endpoint = found[0]
    assert answer.status_code == endpoint.success
    value: Any = answer.json() if answer.content else None
    assert check_response(BOOK, endpoint, answer.status_code, value) == ()
    documented = {field.name for field in endpoint.responses.get(answer.status_code, ())}
    assert documented or value is None
    assert set(value or {}) <= documented


async def test_answers_hold_documented_fields_only(vendor: Vendor, console: Any) -> None:
    config = {"live_event_type_callback_url": console.url, "callback_event_type": ["REPLY_COMMAND_FINISH"]}
    rule = {"event_type": 1, "trigger": {"reply_texts": ["Yes."]}}
    fields = {
        "live_event_callback_config": {**config, "auth_type": "MSS_A", "key": "k"},
        "rtc_callback_config": {"rtc_callback_event_type": ["LIVE_PROGRESS"]},
        "co_streamer_config": {"voice_config": {"voice_asset_id": "v"}, "streamer_action": "SILENCE"},
        "output_urls": ["rtmp://a/b"],
        "interaction_rules": [rule],
    }
    room_id = await vendor.make_room([SCRIPT], **fields)
    rooms, groups = vendor.path("smart-live-rooms"), vendor.path("smart-live-interaction-rule-groups")
    room = f"{rooms}/{room_id}"
    started = await vendor.call("POST", f"{room}/smart-live-jobs", {})
    check(vendor, started)
    vendor.play(3)
    job = f"{room}/smart-live-jobs/{started.json()['job_id']}"
    made = await vendor.call("POST", groups, {"group_name": "G", "interaction_rules": [rule]})
    check(vendor, made)
    group = f"{groups}/{made.json()['group_id']}"
    report = {"total": 1, "events": [{"timestamp": 1, "type": 1, "content": "x"}]}
    for method, path, body, query in (
        ("POST", rooms, {"room_name": "Another"}, None),
        ("GET", rooms, None, None),
        ("GET", room, None, None),
        ("PUT", room, {"room_name": "Renamed"}, None),
        ("GET", f"{room}/smart-live-jobs", None, None),
        ("GET", job, None, None),
        ("GET", vendor.path("smart-live-jobs"), None, None),
        ("POST", f"{job}/command", {"command": "GET_CURRENT_PLAYING_SCRIPTS"}, None),
        ("POST", f"{job}/command", {"command": "GET_LIVE_JOB_CONFIG_INFO"}, None),
        ("POST", f"{job}/command", {"command": "SHOW_LAYER", "params": {"x": 1}}, None),
        ("POST", f"{job}/live-event-report", report, {"refresh_url": "true"}),
        ("POST", f"{job}/live-event-report", report, None),
        ("GET", groups, None, None),
        ("PUT", group, {"group_name": "H"}, None),
        ("DELETE", group, None, None),
        ("POST", f"{job}/stop", None, None),
        ("GET", job, None, None),
    ):
        check(vendor, await vendor.call(method, path, body, query))
    vendor.play(2)
    check(vendor, await vendor.call("GET", job))
    check(vendor, await vendor.call("DELETE", room))


ROWS = {name: row for name, row in vars(wire).items() if isinstance(row, tuple) and len(row) == 2 and name.isupper()}


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if isinstance(row[1], int)])
def test_codes_are_documented_with_the_status_they_are_sent_with(name: str) -> None:
    code, status = ROWS[name]
    if code in wire.MESSAGES:
        return
    row = BOOK.error(code, status)
    assert row is not None
    assert row.status == status


def test_every_call_on_rooms_and_jobs_is_played() -> None:
    face = MetaStudioFace(World(SandboxConfig(seed=1), ManualClock()))
    live = {(one.method, one.path) for one in BOOK.endpoints if one.section.startswith(("6.1", "6.2"))}
    assert len(live) == 16
    assert live == set(face.routes)
