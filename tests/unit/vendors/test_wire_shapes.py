"""Each key that a gateway reads is one that the vendor's documents have: a misspelt one would only ever be absent."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import msgspec
import pytest

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.metastudio import notices, wire
from dashboard.vendors.softsugar import wire as soft

#: Where the keys of each struct are printed: object tables, or calls whose answer it is, by "call()".
METASTUDIO: dict[type[msgspec.Struct], tuple[str, ...]] = {
    wire.ErrorBody: ("ErrorResponse",),
    wire.TextConfig: ("TextConfig",),
    wire.ShootScript: ("LiveShootScriptItem",),
    wire.Scene: ("LiveVideoScriptInfo",),
    wire.Room: ("create_smart_live_room()", "show_smart_live_room()", "SmartLiveRoomBaseInfo"),
    wire.RoomList: ("list_smart_live_rooms()",),
    wire.RtcUser: ("RTCUserInfo",),
    wire.RtcRoom: ("RTCRoomInfoList",),
    wire.RiskWarning: ("LiveWarningItem",),
    wire.Job: ("start_smart_live_job()", "show_smart_live_job()"),
    wire.JobList: ("list_smart_live_jobs()",),
    wire.CommandAnswer: ("execute_smart_live_command()",),
    wire.PlayingItem: ("LivePlayingShootScriptItem",),
    wire.PlayingScene: ("LivePlayingScriptInfo",),
    wire.PlayingScripts: ("LivePlayingScriptList",),
    wire.RuleGroup: ("InteractionRuleGroupDetail",),
    wire.RuleGroupList: ("list_smart_live_interaction_rule_groups()",),
    wire.ReportAnswer: ("report_live_event()",),
    wire.Empty: (),
    notices._Progress: ("LiveProgressData",),
    notices._Reply: ("ReplyCommandFinishData",),
    notices._ChannelFrame: ("RtsaStateNotify", "live_progress_notify"),
    notices._Callback: ("shoot_script_switch",),
    notices._Message: ("ShootScriptSwitchMessage", "RtmpStreamStateChangeMessage", "ReplyCommandFinishMessage"),
}
#: Printed in no document that we have: IAM's answer, and the list of the newer calls.
ELSEWHERE = {wire._TokenBody, wire.TokenAnswer, wire.InsertedCommand, wire.InsertedList}
SOFTSUGAR: dict[type[msgspec.Struct], tuple[str, ...]] = {
    soft.Envelope: ("channel_create()",),
    soft.Created: ("ChannelCreateData",),
    soft.Stat: ("ChannelStatData",),
    soft.Running: ("RunningListData",),
    soft.Past: ("HistoryListResult",),
    soft.History: ("HistoryListData",),
    soft.Queue: ("QueueListData",),
    soft.Success: ("QueueReorderData", "CommandCancelData"),
    soft.Command: ("SuperControlData", "WarmedFileAddData"),
    soft._Notice: ("TakeoverNotice",),
    soft._Remaining: ("RemainingTime",),
    soft._Reached: ("FrameReached",),
    soft._Frame: ("channel_create()",),
    soft.Callback: ("status_callback",),
}


def structs(*modules: ModuleType) -> set[type[msgspec.Struct]]:
    return {
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, msgspec.Struct) and one.__module__ == module.__name__
    }


def printed(vendor: str, places: tuple[str, ...]) -> Iterator[str]:
    book = contract(vendor)
    for place in places:
        if place.endswith("()"):
            endpoint = book.endpoint(place[:-2])
            yield from (row.name for row in endpoint.responses[endpoint.success])
        elif place in book.objects:
            yield from (row.name for row in book.object(place).fields)
        else:
            yield from (row.name for row in book.callback(place).fields)


def test_each_struct_has_its_place() -> None:
    assert structs(wire, notices) == set(METASTUDIO) | ELSEWHERE
    assert structs(soft) == set(SOFTSUGAR)


@pytest.mark.parametrize("shape", METASTUDIO, ids=lambda one: one.__name__)
def test_metastudio_prints_each_key_that_is_read(shape: type[msgspec.Struct]) -> None:
    read = {row.encode_name for row in msgspec.structs.fields(shape)}
    assert read <= set(printed("metastudio", METASTUDIO[shape]))


@pytest.mark.parametrize("shape", SOFTSUGAR, ids=lambda one: one.__name__)
def test_softsugar_prints_each_key_that_is_read(shape: type[msgspec.Struct]) -> None:
    read = {row.encode_name for row in msgspec.structs.fields(shape)}
    assert read <= set(printed("softsugar", SOFTSUGAR[shape]))


def test_each_word_of_a_vocabulary_is_known() -> None:
    book = contract("metastudio")
    states = {name for term in book.vocabulary("live_job_states") for name in (term.value, *term.aliases)}
    # BLOCK is what the video jobs say (A2).
    assert set(wire.JOB_STATES) - {"BLOCK"} == states
    assert set(wire.WARNINGS) == {term.value for term in book.vocabulary("live_warnings")}
    assert set(notices.CHANNEL_STATES) == {term.value for term in book.vocabulary("rtsa_states")}
    link = next(row for row in book.object("RtmpStreamStateChangeMessage").fields if row.name == "state")
    assert set(notices.STREAM_STATES) == set(link.enum)
    told = {one.code for one in contract("softsugar").status_codes}
    commands = {51, 52, 53, 54, 55, 73, 74, 75}
    # 96 is told by a callback alone and is no state: the session goes on until its token ends.
    assert set(soft.STATES) | set(soft.CALLBACK_STEPS) | commands | {96} == told
