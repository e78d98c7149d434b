"""Status callbacks: what is refused, what is believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.vendors.port import CallbackRefused, CallbackRequest, CallbackTold, JobReport
from dashboard.vendors.softsugar.callbacks import LARGEST_BODY, SoftSugarCallbackReader

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
KEY = "auth-key"
BODY = json.dumps({"sessionId": "s", "status": 35, "userData": "job-7"}).encode()
READER = SoftSugarCallbackReader()


def signed(body: bytes = BODY, *, key: str = KEY, sent: datetime = NOW, ms: bool = False) -> CallbackRequest:
    timestamp = str(int(sent.timestamp() * (1000 if ms else 1)))
    signature = hmac.new(key.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()
    return CallbackRequest("https://x/cb", (), {"Timestamp": timestamp, "Signature": signature}, body, NOW)


@pytest.mark.parametrize("ms", [True, False])
def test_a_signed_callback_is_proven_and_dated(ms: bool) -> None:
    sent = NOW - timedelta(seconds=3)
    told = READER.read(signed(sent=sent, ms=ms), KEY, check=True)
    assert isinstance(told, CallbackTold)
    assert told.verified
    report = told.reports[0]
    assert isinstance(report, JobReport)
    assert (report.says, report.user_data, report.at, report.stamped) == ("ready", "job-7", sent, True)


def test_a_wrong_key_a_changed_body_and_an_old_time_are_refused() -> None:
    assert READER.read(signed(key="other"), KEY, check=True) == CallbackRefused("signature")
    forged = signed()
    changed = CallbackRequest(forged.url, (), forged.headers, BODY.replace(b"35", b"99"), NOW)
    assert READER.read(changed, KEY, check=True) == CallbackRefused("signature")
    assert READER.read(signed(sent=NOW - timedelta(minutes=16)), KEY, check=True) == CallbackRefused("time")
    for number in ("999999999999", "9999999999999", "000000000000", "-1", "٣" * 10, "1e9", ""):
        odd = replace(signed(), headers={"timestamp": number, "signature": "00" * 32})
        assert READER.read(odd, KEY, check=True) == CallbackRefused("signature")
    assert READER.read(signed(key=""), "", check=True) == CallbackRefused("signature")


def test_without_a_check_nothing_is_proven_and_no_time_is_believed() -> None:
    told = READER.read(signed(sent=NOW + timedelta(days=1)), KEY, check=False)
    assert isinstance(told, CallbackTold)
    assert not told.verified
    report = told.reports[0]
    assert isinstance(report, JobReport)
    assert (report.at, report.stamped) == (NOW, False)


def test_equal_bytes_are_one_callback_and_a_new_time_is_another() -> None:
    first, again = READER.read(signed(), KEY, check=True), READER.read(signed(), KEY, check=True)
    later = READER.read(signed(sent=NOW + timedelta(seconds=1)), KEY, check=True)
    assert isinstance(first, CallbackTold)
    assert isinstance(again, CallbackTold)
    assert isinstance(later, CallbackTold)
    assert first.dedupe == again.dedupe != later.dedupe


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"\xff", b"[" * 9999, b'{"sessionId":1}', b"x" * (LARGEST_BODY + 1)]
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    assert READER.read(signed(body), KEY, check=True) == CallbackRefused("unreadable")
