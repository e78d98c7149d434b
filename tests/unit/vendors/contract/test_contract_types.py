"""The generated types say what the data says, and mypy refuses what the vendors' documents do not have."""

from __future__ import annotations

import importlib
import keyword
import pathlib
import re
import subprocess
import sys
from typing import Any, get_args

import pytest

from dashboard.vendors.contract.catalogue import GENERATED, contract
from dashboard.vendors.contract.extract import typed
from dashboard.vendors.contract.extract.__main__ import build_types
from dashboard.vendors.contract.generated import metastudio, softsugar
from dashboard.vendors.contract.model import Field
from dashboard.vendors.contract.request import Request

ROOT = pathlib.Path(__file__).parents[4]
VENDORS = ["metastudio", "softsugar"]


def types_of(vendor: str) -> Any:
    return importlib.import_module(f"dashboard.vendors.contract.generated.{vendor}")


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_types_are_those_of_the_data(vendor: str) -> None:
    written = (GENERATED / f"{vendor}.py").read_text(encoding="utf-8")
    assert typed.module(contract(vendor)) == written, "run `make contract`, or build_types() alone"


def test_two_runs_write_the_same_bytes(tmp_path: pathlib.Path) -> None:
    first = [path.read_bytes() for path in build_types(tmp_path)]
    assert [path.read_bytes() for path in build_types(tmp_path)] == first
    assert [(GENERATED / f"{vendor}.py").read_bytes() for vendor in VENDORS] == first


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_table_has_its_keys_and_demands_the_mandatory_ones(vendor: str) -> None:
    module, book = types_of(vendor), contract(vendor)

    def check(name: str, rows: tuple[Field, ...]) -> None:
        table = getattr(module, name)
        assert set(table.__annotations__) == {row.name for row in rows}, name
        assert table.__required_keys__ == {row.name for row in rows if row.mandatory}, name

    for name, table in book.objects.items():
        check(typed.class_name(name), table.fields)
    for endpoint in book.endpoints:
        name = typed.class_name(endpoint.id)
        if endpoint.query:
            check(f"{name}Query", endpoint.query)
        if endpoint.body and not any(row.ref_from for row in endpoint.body):
            check(f"{name}Body", endpoint.body)
        if answer := endpoint.responses.get(endpoint.success):
            check(f"{name}Answer", answer)


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_endpoint_has_its_call(vendor: str) -> None:
    module, book = types_of(vendor), contract(vendor)
    for endpoint in book.endpoints:
        call = getattr(module, typed.class_name(endpoint.id))
        assert issubclass(call, Request)
        assert call.endpoint == endpoint.id
        values = {row.name for row in endpoint.path_params} - {"project_id"}
        parts = {name for name, rows in (("query", endpoint.query), ("body", endpoint.body)) if rows}
        assert set(call.__struct_fields__) == values | parts
    assert set(get_args(module.EndpointId)) == {one.id for one in (*book.endpoints, *book.sockets)}


def test_each_live_command_has_a_body_of_its_own() -> None:
    bodies = get_args(metastudio.ExecuteSmartLiveCommandBody)
    words = [get_args(body.__annotations__["command"])[0] for body in bodies]
    assert sorted(words) == sorted(term.value for term in contract("metastudio").vocabulary("live_commands"))
    by_word = dict(zip(words, bodies, strict=True))
    assert by_word["INSERT_PLAY_SCRIPT"].__annotations__["params"] is metastudio.PlayTextInfo
    assert "params" in by_word["REWRITE_PLAY_SCRIPT"].__required_keys__
    assert "params" in by_word["SHOW_LAYER"].__optional_keys__


def test_frames_and_vocabularies_are_words() -> None:
    assert set(get_args(softsugar.UpCode)) == {0, 10, 11, 99, 101}
    assert len(get_args(softsugar.DownCode)) == 12
    assert len(get_args(softsugar.StatusCode)) == 22
    assert get_args(metastudio.RtsaTiming) == ("NOW", "SENTENCE_END")
    assert get_args(metastudio.LiveEventType) == (1, 2, 3, 4, 5, 6)
    # Another spelling is read and never sent.
    assert "SUCCESS" not in get_args(metastudio.LiveJobState)


def test_a_table_within_itself_stops_the_run() -> None:
    book = typed.Contract("x", {"objects": [table("A", "B"), table("B", "A")], "endpoints": []})
    with pytest.raises(ValueError, match="a table within itself"):
        typed.module(book)


def table(name: str, ref: str) -> dict[str, Any]:
    rows = [{"name": "inner", "type": "object", "ref": ref, "source": "002:1"}]
    return {"name": name, "source": "002:1", "fields": rows}


def test_a_key_that_is_no_name_is_written_as_text() -> None:
    assert not "interpret-as".isidentifier()
    assert keyword.iskeyword("class")
    assert set(metastudio.SsmlSayAs.__annotations__) == {"interpret-as"}


# ------------------------------------------------------------------------------------------------ what mypy makes of it

RIGHT = """
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.contract import limits
from dashboard.vendors.contract.generated import softsugar as soft

text: api.InsertPlayScriptBody = {
    "command": "INSERT_PLAY_SCRIPT", "params": {"text_config": {"text": "x"}, "play_type": "INSERT"}
}
api.ExecuteSmartLiveCommand(room_id="r", job_id="j", body=text)
api.CreateSmartLiveRoom(body={"room_name": "x", "scene_scripts": [{"script_name": "x", "shoot_scripts": []}]})
api.ListSmartLiveRooms(query={"offset": 0, "limit": 1, "room_type": "NORMAL"})
api.ListSmartLiveRooms()
control: api.RtsaLiveControl = {"message_type": "live_control", "command": "play_start", "params": {"timing": "NOW"}}
soft.ChannelClose(body={"sessionId": "x"})
script: soft.LiveScript = {"live_type": "SuperLiveRoomPro", "sceneList": [{"digital_role": {"file_id": "x"}}]}
scene: soft.ControlScript = {"backgrounds": {"file_id": "x", "type": 1}}
say: soft.UpSayTextFrame = {"code": 10, "message": "", "commandTraceId": "x", "tts_query": {"content": "x"}}
limits.choices("metastudio", "create_smart_live_room", "/view_mode")
"""

WRONG = """
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.contract import limits
from dashboard.vendors.contract.generated import softsugar as soft
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.port import Purpose

api.CreateSmartLiveRoom(body={"room_nmae": "x"})  # error: Missing key "room_name" | Extra key "room_nmae"
api.CreateSmartLiveRom(body={"room_name": "x"})  # error: has no attribute "CreateSmartLiveRom"
api.ListSmartLiveRooms(query={"ofset": 0})  # error: Extra key "ofset"
api.ListSmartLiveRooms(query={"room_type": "NORMA"})  # error: Literal['NORMA']
api.ShowSmartLiveRoom()  # error: Missing positional argument "room_id"
api.StopSmartLiveJob(room_id="r", job="j")  # error: Unexpected keyword argument "job"
deep: api.CreateSmartLiveRoomBody = {
    "room_name": "x",
    "scene_scripts": [{"script_name": "x", "shoot_scripts": [{"sequnce_no": 1}]}],  # error: Extra key "sequnce_no"
}
wrong_params: api.InsertPlayScriptBody = {
    "command": "INSERT_PLAY_SCRIPT",
    "params": {"audio_url": "x"},  # error: Missing key "text_config" | Extra key "audio_url"
}
api.InsertPlayAudioBody(command="INSERT_PLAY_SCRIPT", params={"audio_url": "x"})  # error: Literal['INSERT_PLAY_AUDIO']
timing: api.RtsaTiming = "SENTENCE"  # error: Incompatible types in assignment
event: api.LiveEvent = {"timestamp": 1, "type": 7}  # error: Literal[7]
soft.ChannelClose(body={"session_id": "x"})  # error: Missing key "sessionId" | Extra key "session_id"
soft.HistoryList(body={"pageNo": 1, "sortValue": "up"})  # error: Literal['up']
script: soft.LiveScript = {"livetype": "SuperLiveRoomPro"}  # error: Extra key "livetype"
scene: soft.ControlScript = {"backgrounds": {"fileid": "x"}}  # error: Extra key "fileid"
ask: soft.UpAskRemainingFrame = {"code": 102}  # error: Literal[102]
say: soft.UpSayTextFrame = {"code": 10, "message": "", "commandTraceId": "x", "tts": {}}  # error: Extra key "tts"
limits.choices("metastudio", "create_smart_live_rom", "/view_mode")  # error: incompatible type "Literal['create_smart
def swapped(client: MetaStudioClient) -> object:
    return client.call(soft.RunningList(), object, Purpose.EDIT)  # error: incompatible type "RunningList"
limits.choices("metastudi", "create_smart_live_room", "/view_mode")  # error: incompatible type "Literal['metastudi']"
"""


def told_by_mypy(folder: pathlib.Path, source: str) -> dict[int, str]:
    """What strict mypy says of a small program, by line."""
    program = folder / "program.py"
    program.write_text(source, encoding="utf-8")
    options = ["--strict", "--config-file=", "--no-error-summary", f"--cache-dir={folder / 'cache'}"]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(program)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    told: dict[int, str] = {}
    for line in run.stdout.splitlines():
        found = re.match(r"\S*program\.py:(\d+): error: (.+)", line)
        assert found or ": note:" in line, line
        if found:
            told[int(found[1])] = f"{told.get(int(found[1]), '')}{found[2]}\n"
    assert run.stderr == ""
    return told


def test_mypy_accepts_what_is_documented(tmp_path: pathlib.Path) -> None:
    assert told_by_mypy(tmp_path, RIGHT) == {}


def test_mypy_refuses_each_misspelling_on_its_line(tmp_path: pathlib.Path) -> None:
    wanted = {
        number: line.partition("# error: ")[2].split(" | ")
        for number, line in enumerate(WRONG.splitlines(), start=1)
        if "# error: " in line
    }
    told = told_by_mypy(tmp_path, WRONG)
    assert set(told) == set(wanted)
    for number, parts in wanted.items():
        for part in parts:
            assert part in told[number], told[number]
