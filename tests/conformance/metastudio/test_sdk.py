"""The vendor's published Python SDK, pointed at the sandbox with an access key: it cannot tell it from the vendor.

The SDK blocks, so each of its calls runs in a thread while the sandbox answers in the test's loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import (
    ClientRequestException,
    ServerResponseException,
    ServiceResponseException,
)
from huaweicloudsdkmetastudio.v1 import model
from huaweicloudsdkmetastudio.v1.metastudio_client import MetaStudioClient

from dashboard.sandbox.metastudio_wire import THROTTLED, WRONG_PROJECT
from tests.conformance.metastudio.answers import BOOK, command_names
from tests.conformance.metastudio.conftest import Desk, open_desk
from tests.conformance.metastudio.provocations import BODIES, PROVOCATIONS, Provocation
from tests.sandbox.metastudio.conftest import SCRIPT, Files

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Sdk:
    """The vendor's client with one account; what it sees of an error is checked by `refused`."""

    def __init__(self, desk: Desk, **changes: str) -> None:
        own = desk.world.credentials
        self.desk = desk
        # Calls stay below the limits by themselves, but for those whose subject they are.
        self.is_limited = False
        given = {"ak": own.ak, "sk": own.sk, "project_id": own.project_id, **changes}
        builder = MetaStudioClient.new_builder().with_credentials(BasicCredentials(**given))
        self.client = builder.with_endpoint(desk.server.url).build()
        self._http = self.client.get_http_client()
        # A proxy of the machine is not meant for this one.
        self._http._session.trust_env = False

    async def call(self, name: str, request: Any) -> Any:
        if not self.is_limited:
            self.desk.face.gate.reset()
        return await asyncio.to_thread(getattr(self.client, name), request)

    async def refused(self, name: str, request: Any) -> ServiceResponseException:
        with pytest.raises(ServiceResponseException) as caught:
            await self.call(name, request)
        return caught.value

    def close(self) -> None:
        self._http.close()
        self._http.executor.shutdown()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as desk:
        yield desk


@pytest.fixture
def sdk(desk: Desk) -> Iterator[Sdk]:
    desk.calm()
    sdk = Sdk(desk)
    yield sdk
    sdk.close()


def whole_room(name: str) -> model.CreateSmartLiveRoomReq:
    voice = model.VoiceConfig(voice_asset_id="v1", speed=120, pitch=100, volume=140)
    shots = [
        model.LiveShootScriptItem(sequence_no=n, title=f"第{n}段", text_config=model.TextConfig(text=SCRIPT))
        for n in (1, 2)
    ]
    tag = model.HitConditionTag(tag="content", operation="NONE", match="REGEX", value="price|多少钱")
    rule = model.LiveRoomInteractionRuleInfo(
        rule_index="price",
        rule_name="Price",
        enabled=True,
        event_type=1,
        hit_condition=model.HitCondition(relation="OR", priority=1, tags=[tag]),
        trigger=model.TriggerProcess(
            time_window=0, reply_mode="SYSTEM_REPLY", reply_texts=["Ten."], play_type="INSERT"
        ),
    )
    return model.CreateSmartLiveRoomReq(
        room_name=name,
        room_description="Made by the SDK",
        room_type="NORMAL",
        scene_scripts=[
            model.LiveVideoScriptInfo(
                script_name="Scene",
                model_asset_id="m1",
                voice_config=voice,
                background_config=[model.BackgroundConfigInfo(background_type="IMAGE", background_asset_id="b1")],
                shoot_scripts=shots,
            )
        ],
        interaction_rules=[rule],
        play_policy=model.PlayPolicy(repeat_count=-1, auto_play_script=True, play_mode="TEXT", random_play_mode="NONE"),
        video_config=model.VideoConfig(codec="H264", bitrate=2000, width=1080, height=1920, is_subtitle_enable=True),
        output_urls=["rtmp://push.example/live"],
        stream_keys=["key"],
        backup_model_asset_ids=["m2"],
        rtc_callback_config=model.RTCLiveEventCallBackConfig(rtc_callback_event_type=["LIVE_PROGRESS"]),
        view_mode="VERTICAL",
        co_streamer_config=model.CoStreamerConfig(voice_config=voice, streamer_action="VOLUME_DOWN"),
        priv_data="ours",
    )


def as_sent(value: Any) -> Any:
    """What the SDK puts on the wire of a model: absent attributes are left out."""
    return json.loads(
        json.dumps(value.to_dict()), object_hook=lambda one: {k: v for k, v in one.items() if v is not None}
    )


async def test_rooms_are_created_shown_listed_updated_and_deleted(sdk: Sdk, desk: Desk) -> None:
    room = whole_room("SDK 房间")
    made = await sdk.call("create_smart_live_room", model.CreateSmartLiveRoomRequest(body=room))
    assert (made.status_code, bool(made.x_request_id)) == (200, True)
    shown = await sdk.call("show_smart_live_room", model.ShowSmartLiveRoomRequest(room_id=made.room_id))
    seen = shown.to_json_object()
    assert {name: seen[name] for name in as_sent(room)} == as_sent(room)
    query = model.ListSmartLiveRoomsRequest(
        room_name="sdk 房", limit=1, offset=0, live_state="NULL", room_type="NORMAL"
    )
    listed = await sdk.call("list_smart_live_rooms", query)
    assert (listed.count, listed.smart_live_rooms[0].room_id) == (1, made.room_id)
    assert listed.smart_live_rooms[0].model_infos[0].model_asset_id == "m1"
    assert listed.smart_live_rooms[0].priv_data == "ours"
    changed = model.UpdateSmartLiveRoomRequest(room_id=made.room_id, body=whole_room("SDK renamed"))
    updated = await sdk.call("update_smart_live_room", changed)
    assert (updated.room_name, updated.room_id) == ("SDK renamed", made.room_id)
    gone = await sdk.call("delete_smart_live_room", model.DeleteSmartLiveRoomRequest(room_id=made.room_id))
    assert gone.status_code == 200
    error = await sdk.refused("show_smart_live_room", model.ShowSmartLiveRoomRequest(room_id=made.room_id))
    assert (type(error), error.status_code, error.error_code) == (ClientRequestException, 404, "MSS.00000002")


async def test_rule_libraries_are_created_listed_updated_and_deleted(sdk: Sdk, desk: Desk) -> None:
    rule = model.InteractionRuleInfo(
        rule_name="hello", event_type=2, enabled=True, trigger=model.TriggerProcess(reply_texts=["Welcome!"])
    )
    body = model.InteractionRuleGroup(group_name="SDK 规则", interaction_rules=[rule])
    made = await sdk.call("create_interaction_rule_group", model.CreateInteractionRuleGroupRequest(body=body))
    listed = await sdk.call("list_interaction_rule_groups", model.ListInteractionRuleGroupsRequest(group_name="规则"))
    assert (listed.count, listed.interaction_rule_groups[0].group_id) == (1, made.group_id)
    assert listed.interaction_rule_groups[0].interaction_rules[0].rule_name == "hello"
    assert listed.interaction_rule_groups[0].interaction_rules[0].rule_id
    body.group_name = "SDK rules"
    change = model.UpdateInteractionRuleGroupRequest(group_id=made.group_id, body=body)
    assert (await sdk.call("update_interaction_rule_group", change)).group_name == "SDK rules"
    request = model.DeleteInteractionRuleGroupRequest(group_id=made.group_id)
    assert (await sdk.call("delete_interaction_rule_group", request)).status_code == 200
    error = await sdk.refused("delete_interaction_rule_group", request)
    assert (type(error), error.error_code) == (ClientRequestException, "MSS.20010083")


async def test_a_job_is_started_commanded_reported_to_and_stopped(sdk: Sdk, desk: Desk) -> None:
    made = await sdk.call("create_smart_live_room", model.CreateSmartLiveRoomRequest(body=whole_room("SDK live")))
    ids = {"room_id": made.room_id}
    body = model.StartSmartLiveReq(output_urls=["rtmp://push.example/other"], view_mode="VERTICAL")
    started = await sdk.call("start_smart_live", model.StartSmartLiveRequest(**ids, body=body))
    assert started.status_code == 202
    assert {one.warning_type for one in started.live_warning_info} == {
        "TOO_LESS_SCRIPT_ITEMS",
        "TOO_SHORT_SCRIPT_TIME",
        "RANDOM_PLAY_CLOSED",
    }
    assert {one.user_type for one in started.rtc_room_info.users} >= {"CAPTURE", "PLAYER"}
    ids["job_id"] = started.job_id
    desk.play(3)
    assert (await sdk.call("show_smart_live", model.ShowSmartLiveRequest(**ids))).state == "PROCESSING"
    answers = await all_commands(sdk, ids)
    assert {name: bool(one.command_id) for name, one in answers.items()} == dict.fromkeys(command_names(), True)
    assert json.loads(answers["GET_LIVE_JOB_CONFIG_INFO"].result)["room_name"] == "SDK live"
    scenes = json.loads(answers["GET_CURRENT_PLAYING_SCRIPTS"].result)["scene_scripts"]
    assert [shot["sequence_no"] for shot in scenes[0]["shoot_scripts"]] == [1, 2]
    event = model.LiveEvent(timestamp=1690819199000, type=1, content='{"content":"多少钱?"}')
    report = model.ReportLiveEventReq(total=1, events=[event])
    told = await sdk.call("live_event_report", model.LiveEventReportRequest(**ids, refresh_url=True, body=report))
    assert told.live_event_report_url.startswith(desk.server.url)
    in_room = await sdk.call("list_smart_live", model.ListSmartLiveRequest(room_id=made.room_id, state="PROCESSING"))
    everywhere = model.ListSmartLiveJobsRequest(room_name="SDK live", sort_key="create_time", sort_dir="desc", limit=1)
    of_all = await sdk.call("list_smart_live_jobs", everywhere)
    assert [one.smart_live_jobs[0].job_id for one in (in_room, of_all)] == [started.job_id] * 2
    assert (await sdk.call("stop_smart_live", model.StopSmartLiveRequest(**ids))).status_code == 200
    desk.play(2)
    ended = await sdk.call("show_smart_live", model.ShowSmartLiveRequest(**ids))
    assert (ended.state, bool(ended.end_time), ended.duration >= 1) == ("SUCCEED", True, True)
    assert [row["text"] for row in desk.heard(desk.face.model.jobs[started.job_id])][1] == "The SDK says this."


async def all_commands(sdk: Sdk, ids: dict[str, str]) -> dict[str, Any]:
    """Each of the eight, with params as the SDK documents them."""
    async with Files() as files:
        files.content["/clip.wav"] = wave(0.2)
        params: dict[str, Any] = {
            "INSERT_PLAY_SCRIPT": {"text_config": {"text": "The SDK says this."}, "play_type": "PLAY_NOW"},
            "INSERT_PLAY_AUDIO": {"audio_url": f"{files.url}/clip.wav", "play_type": "APPEND"},
            "SHOW_LAYER": {"layer": {"layer_type": "IMAGE"}},
            "REFRESH_OUTPUT_URL": {"output_urls": ["rtmp://push.example/new"], "stream_keys": ["k"]},
        }
        params["REWRITE_PLAY_SCRIPT"] = {"scene_scripts": as_sent(whole_room("x"))["scene_scripts"]}
        params["REWRITE_INTERACTION_RULES"] = {"interaction_rules": as_sent(whole_room("x"))["interaction_rules"]}
        answers = {}
        for name in command_names():
            body = model.ControlSmartLiveReq(command=name, params=params.get(name))
            request = model.ExecuteSmartLiveCommandRequest(**ids, body=body)
            answers[name] = await sdk.call("execute_smart_live_command", request)
        return answers


def wave(seconds: float) -> bytes:
    """A WAV file of silence, 16 kHz, mono, 16 bit."""
    data = bytes(2 * round(16_000 * seconds))
    head = b"fmt " + (16).to_bytes(4, "little") + bytes((1, 0, 1, 0)) + (16_000).to_bytes(4, "little")
    head += (32_000).to_bytes(4, "little") + bytes((2, 0, 16, 0)) + b"data" + len(data).to_bytes(4, "little")
    return b"RIFF" + (len(head) + len(data) + 4).to_bytes(4, "little") + b"WAVE" + head + data


async def test_the_newer_calls_when_they_are_switched_on(sdk: Sdk, desk: Desk) -> None:
    ids = {"room_id": desk.live_id, "job_id": desk.job_id}
    listing = model.ListInsertCommandsRequest(**ids, offset=0, limit=10)
    assert (await sdk.refused("list_insert_commands", listing)).status_code == 404
    cleaning = model.ExecuteSmartLiveCommandRequest(
        **ids, body=model.ControlSmartLiveReq(command="CLEAN_UP_INSERT_COMMAND")
    )
    assert (await sdk.refused("execute_smart_live_command", cleaning)).error_code == "MSS.20010053"
    desk.face.switches.configure({"insert_commands": True})
    said = []
    for number in range(3):
        params = {"text_config": {"text": f"<speak>Waiting {number}.</speak>"}, "play_type": "APPEND"}
        body = model.ControlSmartLiveReq(command="INSERT_PLAY_SCRIPT", params=params)
        request = model.ExecuteSmartLiveCommandRequest(**ids, body=body)
        said.append((await sdk.call("execute_smart_live_command", request)).command_id)
    listed = await sdk.call("list_insert_commands", listing)
    assert (listed.count, [one.command_id for one in listed.insert_commands]) == (3, said)
    first = listed.insert_commands[0]
    assert (first.command, first.source) == ("INSERT_PLAY_SCRIPT", "EXTERNAL")
    assert first.params["text_config"] == {"text": "<speak>Waiting 0.</speak>"}
    await sdk.call("execute_smart_live_command", cleaning)
    assert (await sdk.call("list_insert_commands", listing)).count == 0
    warned = await sdk.call("show_live_warning_info", model.ShowLiveWarningInfoRequest(room_id=desk.room_id))
    assert "ROTATION_MODEL_CLOSED" in {one.warning_type for one in warned.live_warning_info}
    group = await sdk.call("show_interaction_rule_group", model.ShowInteractionRuleGroupRequest(group_id=desk.group_id))
    assert group.group_id == desk.group_id
    for name, request in (
        ("show_live_warning_info", model.ShowLiveWarningInfoRequest(room_id="gone")),
        ("show_interaction_rule_group", model.ShowInteractionRuleGroupRequest(group_id="gone")),
    ):
        assert (await sdk.refused(name, request)).status_code == 400


# --- errors -----------------------------------------------------------------------------------------------------------

# How the SDK calls the documented calls.
CALLS: dict[str, tuple[str, type[Any]]] = {
    "create_smart_live_room": ("create_smart_live_room", model.CreateSmartLiveRoomRequest),
    "list_smart_live_rooms": ("list_smart_live_rooms", model.ListSmartLiveRoomsRequest),
    "show_smart_live_room": ("show_smart_live_room", model.ShowSmartLiveRoomRequest),
    "update_smart_live_room": ("update_smart_live_room", model.UpdateSmartLiveRoomRequest),
    "delete_smart_live_room": ("delete_smart_live_room", model.DeleteSmartLiveRoomRequest),
    "create_smart_live_interaction_rule_group": (
        "create_interaction_rule_group",
        model.CreateInteractionRuleGroupRequest,
    ),
    "list_smart_live_interaction_rule_groups": ("list_interaction_rule_groups", model.ListInteractionRuleGroupsRequest),
    "update_smart_live_interaction_rule_group": (
        "update_interaction_rule_group",
        model.UpdateInteractionRuleGroupRequest,
    ),
    "delete_smart_live_interaction_rule_group": (
        "delete_interaction_rule_group",
        model.DeleteInteractionRuleGroupRequest,
    ),
    "start_smart_live_job": ("start_smart_live", model.StartSmartLiveRequest),
    "list_smart_live_jobs": ("list_smart_live", model.ListSmartLiveRequest),
    "show_smart_live_job": ("show_smart_live", model.ShowSmartLiveRequest),
    "stop_smart_live_job": ("stop_smart_live", model.StopSmartLiveRequest),
    "execute_smart_live_command": ("execute_smart_live_command", model.ExecuteSmartLiveCommandRequest),
    "list_tenant_smart_live_jobs": ("list_smart_live_jobs", model.ListSmartLiveJobsRequest),
    "report_live_event": ("live_event_report", model.LiveEventReportRequest),
}


def request_of(desk: Desk, provocation: Provocation, ask: Any) -> Any:
    endpoint = BOOK.endpoint(provocation.endpoint)
    ids = {"room_id": desk.live_id if "job_id" in endpoint.path else desk.room_id, "job_id": desk.job_id}
    ids |= {"group_id": desk.group_id, **ask.path}
    path = {one.name: ids[one.name] for one in endpoint.path_params if one.name != "project_id"}
    body = BODIES.get(endpoint.id) if ask.body is None else ask.body
    user = {name.replace("x-app-userid", "x_app_user_id"): value for name, value in ask.headers.items()}
    query = {name: value == "true" if name == "refresh_url" else value for name, value in ask.query.items()}
    sent = {"body": body} if endpoint.body else {}
    return CALLS[endpoint.id][1](**path, **query, **user, **sent)


@pytest.mark.parametrize("provocation", PROVOCATIONS, ids=str)
async def test_each_documented_error_is_an_exception_of_its_kind(desk: Desk, provocation: Provocation) -> None:
    desk.calm()
    ask = await provocation.prepare(desk)
    sdk = Sdk(desk, **({"project_id": "0" * 32} if provocation.row == WRONG_PROJECT else {}))
    sdk.is_limited = provocation.row == THROTTLED
    try:
        error = await sdk.refused(CALLS[provocation.endpoint][0], request_of(desk, provocation, ask))
    finally:
        sdk.close()
        desk.calm()
    check_exception(error, *provocation.row)


def check_exception(error: ServiceResponseException, code: str, status: int) -> None:
    assert type(error) is (ClientRequestException if status < 500 else ServerResponseException)
    assert (error.error_code, error.status_code) == (code, status)
    assert error.error_msg
    assert error.request_id


@pytest.mark.parametrize(("ak", "sk"), [("NOBODY", ""), ("", "wrong")])
async def test_a_wrong_key_is_an_exception(desk: Desk, ak: str, sk: str) -> None:
    own = desk.world.credentials
    sdk = Sdk(desk, ak=ak or own.ak, sk=sk or own.sk)
    error = await sdk.refused("list_smart_live_rooms", model.ListSmartLiveRoomsRequest())
    sdk.close()
    check_exception(error, "MSS.00000001", 401)


async def test_every_row_of_the_error_table_reaches_the_caller(sdk: Sdk, desk: Desk) -> None:
    """10.2 whole, by the error fault; 21 of its rows come with 200 and are no errors to the SDK (A75)."""
    rows = [row for row in BOOK.errors if row.status >= 400]
    assert (len(BOOK.errors), len(rows)) == (457, 436)
    request = model.CreateSmartLiveRoomRequest(body=BODIES["create_smart_live_room"])
    seen: dict[tuple[str, int], str] = {}
    for row in rows:
        params = {"status": row.status, "code": row.code}
        desk.world.faults.add("error", vendor="metastudio", count=1, params=params)
        error = await sdk.refused("create_smart_live_room", request)
        check_exception(error, row.code, row.status)
        seen[row.code, row.status] = error.error_msg
    first = {(row.code, row.status): row.message for row in reversed(rows)}
    assert seen == first
