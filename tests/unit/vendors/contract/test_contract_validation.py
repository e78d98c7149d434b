import json
from typing import Any

import pytest

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Field, Source
from dashboard.vendors.contract.validation import (
    MOST_VIOLATIONS,
    Violation,
    check_body,
    check_field,
    check_fields,
    check_object,
    check_query,
    check_response,
    range_limit,
)

META = contract("metastudio")
SOFT = contract("softsugar")
HERE = Source("002", 1)


def body(endpoint: str, value: object) -> list[tuple[str, str]]:
    book = META if endpoint in {one.id for one in META.endpoints} else SOFT
    return [(one.pointer, one.rule) for one in check_body(book, book.endpoint(endpoint), value)]


def command(name: str, params: object = None) -> dict[str, Any]:
    return {"command": name} if params is None else {"command": name, "params": params}


# Commands of a live job: the params depend on the command.


def test_a_text_command_is_accepted():
    params = {"text_config": {"text": "Welcome"}, "play_type": "INSERT", "play_role": "CO_STREAMER"}
    assert body("execute_smart_live_command", command("INSERT_PLAY_SCRIPT", params)) == []


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ({}, [("/command", "mandatory")]),
        (command("SAY"), [("/command", "enum")]),
        (command("INSERT_PLAY_SCRIPT"), [("/params", "mandatory")]),
        (command("INSERT_PLAY_SCRIPT", {}), [("/params/text_config", "mandatory")]),
        (command("INSERT_PLAY_SCRIPT", {"text_config": {}}), [("/params/text_config/text", "mandatory")]),
        (command("INSERT_PLAY_SCRIPT", {"text_config": {"text": ""}}), [("/params/text_config/text", "length")]),
        (command("INSERT_PLAY_SCRIPT", {"text_config": {"text": 7}}), [("/params/text_config/text", "type")]),
        (
            command("INSERT_PLAY_SCRIPT", {"text_config": {"text": "x"}, "play_type": "LATER"}),
            [("/params/play_type", "enum")],
        ),
        (command("INSERT_PLAY_AUDIO", {"play_type": "APPEND"}), [("/params/audio_url", "mandatory")]),
        (command("INSERT_PLAY_AUDIO", {"audio_url": "https://a/" + "b" * 2048}), [("/params/audio_url", "length")]),
        (command("REWRITE_PLAY_SCRIPT", {"scene_scripts": {}}), [("/params/scene_scripts", "type")]),
        (
            command("REWRITE_PLAY_SCRIPT", {"scene_scripts": [{"script_name": "a"}]}),
            [("/params/scene_scripts/0/shoot_scripts", "mandatory")],
        ),
        (command("SHOW_LAYER", {"anything": 1}), []),
        (command("GET_LIVE_JOB_CONFIG_INFO"), []),
        (command("REFRESH_OUTPUT_URL", {"output_urls": ["rtmp://a"], "stream_keys": ["k"]}), []),
    ],
)
def test_command_faults(value: object, faults: list[tuple[str, str]]):
    assert body("execute_smart_live_command", value) == faults


def test_the_longest_text_is_counted_in_characters():
    text = {"text_config": {"text": "好" * 131072}}
    assert body("execute_smart_live_command", command("INSERT_PLAY_SCRIPT", text)) == []
    text["text_config"]["text"] += "好"
    assert body("execute_smart_live_command", command("INSERT_PLAY_SCRIPT", text)) == [
        ("/params/text_config/text", "length")
    ]


# Rooms and starts.


def test_a_start_needs_no_body():
    assert body("start_smart_live_job", None) == []
    assert body("start_smart_live_job", {}) == []
    assert body("create_smart_live_room", None) == [("", "type")]


def test_a_room_is_checked_all_the_way_down():
    room = {
        "room_name": "Evening",
        "video_config": {"codec": "H264", "bitrate": 39, "width": 1080},
        "scene_scripts": [
            {
                "script_name": "One",
                "background_config": [{"background_type": "COLOR"}],
                "shoot_scripts": [{"sequence_no": -1, "text_config": {"text": "Hello"}}],
            }
        ],
        "live_event_callback_config": {"auth_type": "None", "callback_event_type": ["SHOOT_SCRIPT_SWITCH", "ALL"]},
    }
    assert body("create_smart_live_room", room) == [
        ("/scene_scripts/0/background_config/0/background_color_config", "mandatory"),
        ("/scene_scripts/0/shoot_scripts/0/sequence_no", "range"),
        ("/video_config/bitrate", "range"),
        ("/video_config/height", "mandatory"),
        ("/live_event_callback_config/callback_event_type/1", "enum"),
    ]


def test_a_printed_spelling_is_checked_under_its_own_name():
    room = {"room_name": "a", "backup_mode_l_asset_ids": "x"}
    assert body("create_smart_live_room", room) == [("/backup_mode_l_asset_ids", "type")]


def test_unknown_keys_are_ignored_and_null_is_absent():
    assert body("create_smart_live_room", {"room_name": "a", "animation_config": [1], "view_mode": None}) == []
    assert body("create_smart_live_room", {"room_name": None}) == [("/room_name", "mandatory")]


def test_the_token_request_is_checked():
    user = {"name": "n", "password": "p", "domain": {"name": "d"}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": {"name": "x"}}}
    assert body("create_token", {"auth": auth}) == []
    user.pop("domain")
    assert body("create_token", {"auth": auth}) == [("/auth/identity/password/user/domain", "mandatory")]


# Queries.


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ({"limit": "10", "offset": "0", "state": "WAITING,SUCCESS"}, []),
        ({"limit": "ten"}, [("/limit", "type")]),
        ({"offset": "-1"}, [("/offset", "range")]),
        ({"state": "CREATING,PUBLISHED"}, [("/state", "enum"), ("/state", "enum")]),
        ({"state": ["WAITING", "FAILED"]}, []),
        ({"unknown": "1"}, []),
    ],
)
def test_list_queries(query: dict[str, Any], faults: list[tuple[str, str]]):
    found = check_query(META, META.endpoint("list_smart_live_jobs"), query)
    assert [(one.pointer, one.rule) for one in found] == faults


def test_typed_query_values():
    report = META.endpoint("report_live_event")
    assert check_query(META, report, {"refresh_url": "true", "expires_time": "1700000000000"}) == ()
    assert [one.limit for one in check_query(META, report, {"refresh_url": "maybe"})] == ["boolean"]
    assert check_query(META, META.endpoint("list_assets"), {"asset_id": ["a", "b,c"]}) == ()
    missing = check_query(SOFT, SOFT.endpoint("channel_stat"), {})
    assert missing == (Violation("/sessionId", "mandatory", "", ""),)


# SoftSugar: JSON inside JSON.


@pytest.mark.parametrize(
    ("script", "faults"),
    [
        ({"live_type": "SuperLiveRoomPro", "bit_rate": 7, "resolution": [1080, 1920]}, []),
        ({"bit_rate": 0}, [("/param/bit_rate", "range")]),
        ({"bit_rate": 7.1}, [("/param/bit_rate", "range")]),
        ({"resolution": [1080]}, [("/param/resolution", "length")]),
        ({"resolution": [9, 1920]}, [("/param/resolution/0", "range")]),
        ({"resolution": [1080.0, 1920]}, [("/param/resolution/0", "type")]),
        ({"sceneList": [{"digital_role": {"scale": "1"}}]}, [("/param/sceneList/0/digital_role/scale", "type")]),
        (
            {"sceneList": [{"effects": {"beautify": {"chinLength": -1.5}}}]},
            [("/param/sceneList/0/effects/beautify/chinLength", "range")],
        ),
        ([], [("/param", "type")]),
    ],
)
def test_live_scripts(script: object, faults: list[tuple[str, str]]):
    assert body("channel_create", {"param": json.dumps(script)}) == faults


@pytest.mark.parametrize("param", ["", "{", "[" * 100_000, "nul"])
def test_a_param_that_is_not_json(param: str):
    assert body("channel_create", {"param": param}) == [("/param", "json")]


def test_our_own_rtc_application_needs_all_four():
    request = {"param": "{}", "urtcUseExternalApp": True, "urtcUid": "4294967296", "urtcChannelId": "c" * 65}
    assert body("channel_create", request) == [
        ("/urtcToken", "mandatory"),
        ("/urtcUid", "range"),
        ("/urtcAppId", "mandatory"),
        ("/urtcChannelId", "length"),
    ]
    assert body("channel_create", {"param": "{}", "urtcUseExternalApp": False}) == []


@pytest.mark.parametrize(
    ("uid", "rules"),
    [("0", []), ("4294967295", []), ("4294967296", ["range"]), ("-1", ["pattern"]), ("12a", ["pattern"])],
)
def test_rtc_user_ids_are_unsigned_32_bit(uid: str, rules: list[str]):
    field = SOFT.endpoint("channel_create").body_field("urtcUid")
    assert [one.rule for one in check_field(field, uid)] == rules


def test_control_scripts_take_the_avatar_in_both_forms():
    for role in ("file-1", {"file_id": "file-1", "position": {"x": 1, "y": 2}, "scale": 1.0}):
        assert check_object(SOFT, "ControlScript", {"digital_role": role}) == ()
    assert [one.pointer for one in check_object(SOFT, "ControlScript", {"digital_role": 7})] == ["/digital_role"]
    assert [one.limit for one in check_object(SOFT, "ControlScript", {"digital_role": 7})] == ["object or string"]
    loud = {"foregrounds": [{"volume": 401, "type": 4, "rect": [0, 0, 1]}]}
    assert [one.rule for one in check_object(SOFT, "ControlScript", loud)] == ["enum", "length", "range"]


def test_takeover_frames():
    say = SOFT.frame(10, "up")
    assert say is not None
    frame = {"code": 10, "message": "say", "commandTraceId": "t", "tts_query": {"content": "九个字九个字九个字"}}
    assert [(one.pointer, one.rule, one.value_shown) for one in check_fields(SOFT, say.fields, frame)] == [
        ("/tts_query/content", "length", "9 characters")
    ]
    frame["tts_query"] = {"content": "十个字十个字十个字十"}
    assert check_fields(SOFT, say.fields, frame) == ()
    ask = SOFT.frame(101, "up")
    assert ask is not None
    assert check_fields(SOFT, ask.fields, {"code": 101}) == ()


def test_several_trace_ids_are_one_text():
    assert body("command_cancel", {"sessionId": "s", "commandTraceId": "a;b;-1"}) == []


# The printed examples, where they are JSON, are valid: the documents agree with themselves.

EXAMPLES = [
    (book, endpoint, example)
    for book in (META, SOFT)
    for endpoint in book.endpoints
    for example in endpoint.examples
    if example.text.startswith("{")
]
# Key IDs are numbers there, a product has a state that its table lacks, and a placeholder stands for a number.
DISAGREEING = {"002:2932", "002:2833", "002:10424", "002:10715", "004:63"}


def test_printed_examples_are_valid():
    checked, wrong = 0, set()
    for book, endpoint, example in EXAMPLES:
        try:
            value = json.loads(example.text)
        except ValueError:
            continue
        checked += 1
        if example.status:
            faults = check_response(book, endpoint, example.status, value)
        else:
            faults = check_body(book, endpoint, value)
        if faults:
            wrong.add(str(example.source))
    assert checked >= 75
    assert wrong == DISAGREEING


def test_printed_frames_are_valid():
    shown = [frame for frame in SOFT.frames if frame.example]
    assert len(shown) == 15
    for frame in shown:
        assert check_fields(SOFT, frame.fields, json.loads(frame.example)) == ()


def test_answers_of_metastudio_may_lack_any_key():
    job = META.endpoint("show_smart_live_job")
    assert check_response(META, job, 200, {}) == ()
    assert check_response(META, job, 200, {"video_config": {}}) == ()
    assert [one.rule for one in check_response(META, job, 200, {"state": "ENDED"})] == ["enum"]
    assert check_response(META, job, 204, {"state": 1}) == ()


# The rules one by one.


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", 5, [True, 5.0, "5"]),
        ("long", 5, [True, "5"]),
        ("float", 5.5, [True, "5.5"]),
        ("boolean", True, [1, "true"]),
        ("string", "x", [1, ["x"]]),
        ("object", {"a": 1}, [[], "{}"]),
        ("array", ["x"], [{}, "x"]),
        ("any", object(), []),
    ],
)
def test_types(kind: Any, good: object, bad: list[object]):
    field = Field("f", kind, HERE)
    assert check_field(field, good) == ()
    assert [one.rule for value in bad for one in check_field(field, value)] == ["type"] * len(bad)


def test_an_integer_counts_as_a_float_and_nan_does_not():
    field = Field("f", "float", HERE, minimum=0, maximum=1)
    assert check_field(field, 1) == ()
    assert [one.rule for one in check_field(field, float("nan"))] == ["range"]
    assert [one.rule for one in check_field(field, float("inf"))] == ["range"]


def test_bytes_are_counted_in_utf8():
    field = Field("tags", "array", HERE, items="string", max_bytes=16, max_length=2)
    assert check_field(field, ["五个汉字呀"]) == ()
    assert [(one.pointer, one.value_shown) for one in check_field(field, ["六个汉字呀呀"])] == [("/0", "18 bytes")]
    assert [one.value_shown for one in check_field(field, ["a", "b", "c"])] == ["3 items"]


def test_range_in_words():
    assert range_limit(Field("f", "float", HERE, minimum=0, minimum_excluded=True, maximum=7)) == "above 0, at most 7"
    assert range_limit(Field("f", "integer", HERE, minimum=50, maximum=200)) == "50..200"
    assert range_limit(Field("f", "integer", HERE, minimum=-1)) == "at least -1"
    assert range_limit(Field("f", "integer", HERE, maximum=5368709120)) == "at most 5368709120"


def test_a_violation_reads_as_a_sentence():
    assert str(Violation("/a", "mandatory", "", "")) == "/a is missing"
    assert str(Violation("/a/b", "range", "50..200", "20")) == "/a/b is 20, allowed: 50..200"


@pytest.mark.parametrize(
    "value",
    [
        {"stream_keys": [1]},
        {"output_urls": [1]},
        {"live_event_callback_config": {"key": 1}},
        {"live_event_callback_config": {"live_event_type_callback_url": 1}},
    ],
)
def test_secrets_are_not_shown(value: dict[str, Any]):
    found = check_body(META, META.endpoint("start_smart_live_job"), value)
    assert [one.value_shown for one in found] == ["(hidden)"]


def test_long_values_are_cut():
    found = check_body(META, META.endpoint("start_smart_live_job"), {"view_mode": "x" * 1000})
    assert len(found[0].value_shown) == 40


def test_the_list_of_faults_is_bounded():
    many = {"scene_scripts": [{}] * 10_000, "room_name": "a"}
    assert len(check_body(META, META.endpoint("create_smart_live_room"), many)) == MOST_VIOLATIONS


def test_without_a_contract_objects_stay_closed():
    field = META.endpoint("start_smart_live_job").body_field("video_config")
    assert check_field(field, {"codec": 1}) == ()
    assert check_field(field, {"codec": 1}, "/video_config", META)[0].pointer == "/video_config/codec"
