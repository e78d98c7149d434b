import pytest

from dashboard.vendors.contract.catalogue import Contract, contract

META = contract("metastudio")
SOFT = contract("softsugar")


def test_is_read_once():
    assert contract("softsugar") is SOFT


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(KeyError, match=r"no softsugar endpoint 'say'; there are: channel_close, channel_create"):
        SOFT.endpoint("say")
    with pytest.raises(KeyError, match="no vendor 'other'; there are: metastudio, softsugar"):
        contract("other")
    with pytest.raises(KeyError, match="no metastudio object table"):
        META.object("Nothing")
    with pytest.raises(KeyError, match="no metastudio vocabulary"):
        META.vocabulary("nothing")
    with pytest.raises(KeyError, match="no softsugar callback"):
        SOFT.callback("nothing")


@pytest.mark.parametrize(
    ("method", "path", "wanted", "values"),
    [
        ("GET", "/v1/p1/smart-live-rooms", "list_smart_live_rooms", {"project_id": "p1"}),
        ("get", "/v1/p1/smart-live-rooms/r1", "show_smart_live_room", {"project_id": "p1", "room_id": "r1"}),
        ("POST", "/v1/p/smart-live-rooms/r/smart-live-jobs/j/command", "execute_smart_live_command", None),
        ("POST", "/v1/p/smart-live-rooms/r/smart-live-jobs/j/live-event-report", "report_live_event", None),
        ("POST", "/v1/p/digital-assets/summarys", "list_asset_summarys", None),
        ("POST", "/v1/p/digital-assets/summaries", "list_asset_summarys", None),
        ("POST", "/v1/p/ttsc/audition", "create_tts_audition", None),
        ("POST", "/v1/p/tts/audition", "create_tts_audition", None),
        ("POST", "/v3/auth/tokens", "create_token", {}),
    ],
)
def test_metastudio_requests_find_their_endpoint(method: str, path: str, wanted: str, values: dict[str, str] | None):
    found = META.match(method, path)
    assert found is not None
    assert found[0].id == wanted
    assert values is None or found[1] == values


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/v1/p/smart-live-rooms"),
        ("GET", "/v1/p/smart-live-rooms/"),
        ("GET", "/v1/p/smart-live-rooms/a/b"),
        ("GET", "/v1//smart-live-rooms"),
        ("GET", "/"),
    ],
)
def test_what_is_not_documented_matches_nothing(method: str, path: str):
    assert META.match(method, path) is None


def test_softsugar_requests_find_their_endpoint():
    for endpoint in SOFT.endpoints:
        assert SOFT.match(endpoint.method, endpoint.path) == (endpoint, {})
    socket = SOFT.sockets[0]
    assert socket.method == "WEBSOCKET"
    assert SOFT.match("websocket", socket.path) == (socket, {})


def test_a_literal_segment_beats_a_placeholder():
    raw = {
        "objects": [],
        "endpoints": [
            {"id": name, "method": "GET", "path": path, "section": "", "title": "", "source": "002:1"}
            for name, path in (("one", "/v1/{thing}"), ("all", "/v1/all"))
        ],
    }
    book = Contract("test", raw)
    assert [book.match("GET", path)[0].id for path in ("/v1/x", "/v1/all")] == ["one", "all"]  # type: ignore[index]


def test_an_error_is_found_by_code_and_status():
    gone = META.error("MSS.20010074", 400)
    assert gone is not None
    assert gone.remedy
    # One code, two meanings, told apart by the HTTP status.
    meanings = {status: META.error("MSS.41000002", status) for status in (400, 403)}
    assert [row.status for row in meanings.values() if row] == [400, 403]
    assert len({row.message for row in meanings.values() if row}) == 2
    # A status that is not printed falls back to the first row of the code.
    assert META.error("MSS.41000002", 500) == META.error("MSS.41000002")
    assert META.error("MSS.1") is None


@pytest.mark.parametrize(
    ("code", "status"), [("MSS.00000001", 401), ("MSS.00000002", 404), ("MSS.00000003", 400), ("MSS.000000003", 400)]
)
def test_codes_that_stand_in_no_table_are_found_too(code: str, status: int):
    row = META.error(code)
    assert row is not None
    assert row.status == status
    assert row not in META.errors
    assert row.remedy


def test_codes_that_a_page_cut_are_joined():
    row = META.error("MSS.10000001")
    assert row is not None
    assert row.printed_code == "MSS.1000000 1"
    assert not [one.code for one in META.errors if " " in one.code]
    assert META.error("47010152") is not None


def test_only_the_start_of_a_live_job_answers_202():
    assert META.endpoint("start_smart_live_job").success == 202
    others = {one.success for one in META.endpoints if one.id not in ("start_smart_live_job", "create_token")}
    assert others == {200}


def test_rate_limits_are_those_of_the_region():
    assert META.endpoint("execute_smart_live_command").rate_limit == {
        "cn-north-4": 4,
        "cn-east-3": 3,
        "ap-southeast-3": 3,
    }
    assert META.endpoint("list_smart_live_jobs").rate_limit == {"cn-north-4": 20, "cn-east-3": 10, "ap-southeast-3": 10}
    assert META.endpoint("list_tenant_smart_live_jobs").rate_limit is None


def test_status_codes_say_what_to_do_and_where_they_come_from():
    busy = SOFT.status_code(97)
    assert busy is not None
    assert busy.where == ("channel_create", "history_list.filter")
    assert busy.remedy.startswith("End another live room")
    closed = SOFT.status_code(5)
    assert closed is not None
    assert len(closed.printed) == 2
    assert SOFT.status_code(1) is None


def test_frames_are_found_by_code_and_direction():
    started = SOFT.frame(19, "down")
    assert started is not None
    assert started.name == "started"
    assert SOFT.frame(19, "up") is None
    remaining = SOFT.frame(102, "down")
    assert remaining is not None
    assert remaining.message_type == "object"


def test_live_commands_know_their_params():
    refs = {term.value: (term.ref, term.result_ref) for term in META.vocabulary("live_commands")}
    assert refs["INSERT_PLAY_SCRIPT"] == ("PlayTextInfo", None)
    assert refs["INSERT_PLAY_AUDIO"] == ("PlayAudioInfo", None)
    assert refs["GET_CURRENT_PLAYING_SCRIPTS"] == (None, "LivePlayingScriptList")
    assert refs["SHOW_LAYER"] == (None, None)


def test_a_table_finds_its_field_by_either_name():
    config = META.object("VideoConfig")
    assert config.field("is_subtitle_enabled") is config.field("is_subtitle_enable")
    with pytest.raises(KeyError, match="VideoConfig has no field 'x'"):
        config.field("x")
    room = META.endpoint("create_smart_live_room")
    assert room.body_field("backup_mode_l_asset_ids").name == "backup_model_asset_ids"
    with pytest.raises(KeyError, match="create_smart_live_room has no body field 'x'"):
        room.body_field("x")
