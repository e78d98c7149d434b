"""Live event callbacks: the signature, its two places, and what the events say."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from dashboard.vendors.masking import masked
from dashboard.vendors.metastudio import callbacks, notices
from dashboard.vendors.metastudio.callbacks import LARGEST_BODY, MetaStudioCallbackReader
from dashboard.vendors.port import (
    CallbackRefused,
    CallbackRequest,
    CallbackTold,
    ItemReport,
    ScriptReport,
    Step,
    StreamLink,
    StreamReport,
    Unrecognised,
)
from dashboard.vendors.softsugar import callbacks as softsugar_callbacks

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
KEY = "callback-key"
URL = "https://talkback.example.com/callbacks/9f3c?x=a%2Fb"
READER = MetaStudioCallbackReader()


def body(event: str, **message: Any) -> bytes:
    inner = json.dumps({"room_id": "r1", "job_id": "j1", **message}, ensure_ascii=False)
    return json.dumps({"event_type": event, "message": inner}, ensure_ascii=False).encode()


FINISH = body("REPLY_COMMAND_FINISH", reply_id="c1")


def request(
    payload: bytes = FINISH, *, key: str = KEY, sent: datetime = NOW, in_head: bool = True, url: str = URL
) -> CallbackRequest:
    time = format(int(sent.timestamp()), "x")
    secret = hmac.new(key.encode(), (URL + time).encode(), hashlib.sha256).hexdigest()
    if in_head:
        return CallbackRequest(url, (), {"X-Hw-Mss-Secret": secret, "X-Hw-Mss-Time": time}, payload, NOW)
    return CallbackRequest(url, (("x", "a/b"), ("hwSecret", secret), ("hwTime", time)), {}, payload, NOW)


def test_a_vector_worked_out_elsewhere() -> None:
    # printf 'https://example.com/cb69b4fbda' | openssl dgst -sha256 -hmac key
    expected = hmac.new(b"key", b"https://example.com/cb69b4fbda", hashlib.sha256).hexdigest()
    assert callbacks.signature("key", "https://example.com/cb", "69b4fbda") == expected


def test_the_other_meaning_of_uri_is_one_switch_away() -> None:
    path_only = hmac.new(b"key", b"/callbacks/9f3c69b4fbda", hashlib.sha256).hexdigest()
    assert callbacks.signature("key", URL, "69b4fbda", signs_path=True) == path_only


@pytest.mark.parametrize("in_head", [True, False])
def test_a_signed_callback_is_proven_in_either_place(in_head: bool) -> None:
    sent = NOW - timedelta(seconds=4)
    told = READER.read(request(sent=sent, in_head=in_head), KEY, check=True)
    assert isinstance(told, CallbackTold)
    assert told.verified
    assert told.reports == (ItemReport("j1", "c1", Step.FINISHED, sent),)


@pytest.mark.parametrize(
    ("late_ms", "is_its_own"), [(0, True), (730, True), (1060, True), (1400, False), (-500, False)]
)
def test_within_the_second_that_it_names_its_coming_tells_the_moment(late_ms: int, is_its_own: bool) -> None:
    """ "1a2b" may be 1a2b.0 or 1a2b.9: a sentence's length may not depend on it."""
    came = NOW.replace(microsecond=0) + timedelta(milliseconds=late_ms)
    sent = NOW.replace(microsecond=0)
    told = READER.read(replace(request(sent=sent), received_at=came), KEY, check=True)
    assert isinstance(told, CallbackTold)
    assert told.reports[0].at == (came if is_its_own else sent)


def test_a_wrong_key_another_address_and_no_key_are_refused() -> None:
    assert READER.read(request(key="other"), KEY, check=True) == CallbackRefused("signature")
    assert READER.read(request(url=URL + "&y=1"), KEY, check=True) == CallbackRefused("signature")
    assert READER.read(request(key=""), "", check=True) == CallbackRefused("signature")
    bare = CallbackRequest(URL, (), {}, FINISH, NOW)
    assert READER.read(bare, KEY, check=True) == CallbackRefused("signature")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_time_that_is_too_far_off_is_refused(minutes: int) -> None:
    assert READER.read(request(sent=NOW + timedelta(minutes=minutes)), KEY, check=True) == CallbackRefused("time")


@pytest.mark.parametrize("minutes", [-14, 14])
def test_clocks_may_differ_by_a_quarter_of_an_hour(minutes: int) -> None:
    assert isinstance(READER.read(request(sent=NOW + timedelta(minutes=minutes)), KEY, check=True), CallbackTold)


def test_only_a_byte_identical_repeat_is_the_same_event() -> None:
    keys = [
        getattr(READER.read(one, KEY, check=True), "dedupe", None)
        for one in (request(), request(), request(sent=NOW + timedelta(seconds=1)), request(FINISH + b" "))
    ]
    assert None not in keys
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_without_a_check_the_time_is_ours() -> None:
    told = READER.read(request(key="other", sent=NOW - timedelta(days=1)), KEY, check=False)
    assert isinstance(told, CallbackTold)
    assert not told.verified
    assert told.reports[0].at == NOW


def test_a_script_switch_names_the_paragraph_by_text() -> None:
    payload = body(
        "SHOOT_SCRIPT_SWITCH", scene_script_name="Product 1", shoot_script_sequence_no="2", shoot_script_title="Two"
    )
    assert notices.parse_callback(payload, NOW) == ScriptReport("j1", 2, "Two", NOW, "Product 1")


@pytest.mark.parametrize(
    ("state", "link"),
    [
        ("CONNECTING", StreamLink.CONNECTING),
        ("CONNECTED", StreamLink.UP),
        ("DISCONNECTED", StreamLink.DOWN),
        ("RECONNECTING", StreamLink.RECONNECTING),
        ("END", StreamLink.ENDED),
    ],
)
def test_the_streams_states(state: str, link: StreamLink) -> None:
    payload = body("RTMP_STREAM_STATE_CHANGE", output_url="rtmp://x/y", stream_key="secret", state=state)
    assert notices.parse_callback(payload, NOW) == StreamReport("j1", link, NOW)


def test_a_message_may_be_an_object_too() -> None:
    payload = json.dumps({"event_type": "REPLY_COMMAND_FINISH", "message": {"job_id": "j1", "reply_id": "c1"}}).encode()
    assert notices.parse_callback(payload, NOW) == ItemReport("j1", "c1", Step.FINISHED, NOW)


def test_a_new_event_is_kept_without_its_secrets() -> None:
    payload = body("STREAM_MOVED", output_url="rtmp://verysecret/x", stream_key='very"secret-verysecret')
    report = notices.parse_callback(payload, NOW)
    assert isinstance(report, Unrecognised)
    assert "STREAM_MOVED" in report.raw
    assert "verysecret" not in report.raw


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"event_type":"X","message":"{"}'],
)
def test_what_cannot_be_read_is_text_where_it_is_signed(payload: bytes) -> None:
    told = READER.read(request(payload), KEY, check=True)
    assert isinstance(told, CallbackTold)
    assert [type(report) for report in told.reports] == [Unrecognised]
    assert READER.read(request(payload, key="other"), KEY, check=True) == CallbackRefused("signature")


@pytest.mark.parametrize(
    "raw",
    [
        'not json, stream_key=verysecret and "token": "verysecret", x',
        '{"a":[{"sessionToken":"verysecret"}],"b":"{\\"key\\":\\"verysecret\\"}"}',
        '{"message":"{broken, \\"stream_key\\": \\"verysecret\\" }"}',
        b'\xff "secret":"verysecret"',
    ],
)
def test_what_is_kept_of_anything_holds_no_secret(raw: str | bytes) -> None:
    assert "verysecret" not in masked(raw)


def test_too_much_is_not_even_checked() -> None:
    assert READER.read(request(b"x" * (LARGEST_BODY + 1)), KEY, check=True) == CallbackRefused("unreadable")


def test_unsigned_equal_bytes_are_one_event_within_half_a_minute() -> None:
    """Whatever time the sender claims: nothing proves it."""
    start = datetime(2026, 3, 14, 6, 0, tzinfo=UTC)

    def dedupe(seconds: int, claimed: datetime) -> str:
        told = READER.read(
            replace(request(sent=claimed), received_at=start + timedelta(seconds=seconds)), KEY, check=False
        )
        assert isinstance(told, CallbackTold)
        return told.dedupe

    assert dedupe(0, start) == dedupe(29, start - timedelta(days=1))
    assert dedupe(0, start) != dedupe(30, start)


@pytest.mark.parametrize("module", [callbacks, softsugar_callbacks])
def test_signatures_are_compared_in_constant_time(module: ModuleType) -> None:
    source = inspect.getsource(module)
    assert "hmac.compare_digest(" in source
    assert not re.search(
        r"(secret|signature|expected|digest)\b[^\n]*(==|!=|\bin\b) *(secret|signature|expected)", source
    )
