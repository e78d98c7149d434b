"""SoftSugar's status callbacks (004:1120-1147), checked and read. Pure.

The signing rule is on a page that we do not have: 如果用户配置了AuthKey将返回鉴权信息timestamp和signature (004:1123).
What is here is *assumed* (B6), in one function, and an account may switch the check off; then nothing in a callback
is proven.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from dashboard.vendors.port import CallbackRefused, CallbackRequest, CallbackTold
from dashboard.vendors.softsugar import wire

LARGEST_BODY = 64 * 1024
TOLERANCE = timedelta(minutes=15)


def assumed_signature(key: str, timestamp: str, body: bytes) -> str:
    """B6, assumed: HMAC-SHA256 with the AuthKey over the timestamp as sent and the raw body, in lower-case hex."""
    return hmac.new(key.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()


class SoftSugarCallbackReader:
    def read(self, request: CallbackRequest, key: str, *, check: bool) -> CallbackTold | CallbackRefused:
        if len(request.body) > LARGEST_BODY:
            return CallbackRefused("unreadable")
        timestamp, signature = _given(request, "timestamp"), _given(request, "signature")
        sent_at = _time(timestamp)
        if check:
            expected = assumed_signature(key, timestamp, request.body)
            if not key or not hmac.compare_digest(expected.encode(), signature.lower().encode()):
                return CallbackRefused("signature")
            if sent_at is None or abs(request.received_at - sent_at) > TOLERANCE:
                return CallbackRefused("time")
        # An unproven time must not move a job's state, so it is not used.
        at = sent_at if check and sent_at is not None else request.received_at
        try:
            report = wire.parse_callback(request.body, at, stamped=check)
        except wire.Unreadable:
            return CallbackRefused("unreadable")
        return CallbackTold((report,), wire.dedupe(timestamp.encode(), request.body), verified=check)


def _given(request: CallbackRequest, name: str) -> str:
    """From the headers, else from the query: where the two travel is not printed either."""
    for header, value in request.headers.items():
        if header.lower() == name:
            return value
    return next((value for other, value in request.query if other == name), "")


def _time(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970; the unit is not printed."""
    if not text.isdecimal() or not text.isascii() or not 10 <= len(text) <= 13:
        return None
    number = int(text)
    try:
        return datetime.fromtimestamp(number / 1000 if number >= wire.FIRST_REAL_MS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None  # twelve digits of seconds are tens of thousands of years
