"""MetaStudio's live event callbacks, checked and read (002:6120-6140). Pure.

The signature covers address and time, not the body, and events carry no ID (A11). So a byte-identical repeat is the
same event, the same body with a new time is a new one, and a terminal state is confirmed by a poll.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from dashboard.vendors.masking import masked
from dashboard.vendors.metastudio import notices, wire
from dashboard.vendors.port import CallbackRefused, CallbackRequest, CallbackTold, Report, Unrecognised

LARGEST_BODY = 64 * 1024
TOLERANCE = timedelta(minutes=15)
# Without a time, equal bytes in the same stretch of this many seconds are a repeat: the vendor tries again within
# seconds, and a script that plays in a loop says the same again in minutes. A repeat across the border of two stretches
# is a second event; sentences do not mind, since their own number is the key of what happened to them.
REPEATS_IN_S = 30
# Its time is in whole seconds. Who came within one, and a short way, tells the moment better by their coming.
A_SECOND = timedelta(seconds=1.25)


def signature(key: str, url: str, time: str, *, signs_path: bool = False) -> str:
    """hmac_sha256(Key, URI + hwTime), in lower-case hex; `url` exactly as it was configured.

    "URI (live_event_callback_url)" may mean the whole address or its path, and the documents do not decide it (A11 b):
    the account has a switch.
    """
    signed = urlsplit(url).path if signs_path else url
    return hmac.new(key.encode(), (signed + time).encode(), hashlib.sha256).hexdigest()


class MetaStudioCallbackReader:
    def read(self, request: CallbackRequest, key: str, *, check: bool) -> CallbackTold | CallbackRefused:
        if len(request.body) > LARGEST_BODY:
            return CallbackRefused("unreadable")
        secret, time = _given(request)
        sent_at = _time(time)
        if check:
            expected = signature(key, request.url, time, signs_path=request.signs_path)
            # A key that is not there must not be one that everybody knows.
            if not key or not hmac.compare_digest(expected.encode(), secret.lower().encode()):
                return CallbackRefused("signature")
            if sent_at is None or abs(request.received_at - sent_at) > TOLERANCE:
                return CallbackRefused("time")
        at = request.received_at
        if check and sent_at is not None and not timedelta(0) <= at - sent_at < A_SECOND:
            at = sent_at
        if not check:
            time = str(int(at.timestamp()) // REPEATS_IN_S)
        report: Report
        try:
            report = notices.parse_callback(request.body, at)
        except wire.Unreadable:
            # It is the vendor's: to refuse it would make it come again. One of the printed samples is no JSON (A8).
            report = Unrecognised("", masked(request.body), at)
        return CallbackTold((report,), _dedupe(time, request.body), verified=check)


def _given(request: CallbackRequest) -> tuple[str, str]:
    """Secret and time: from the headers (MSS_A_HEAD), else from the query (MSS_A)."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "x-hw-mss-secret" in headers or "x-hw-mss-time" in headers:
        return headers.get("x-hw-mss-secret", ""), headers.get("x-hw-mss-time", "")
    query = dict(request.query)
    return query.get("hwSecret", ""), query.get("hwTime", "")


def _time(text: str) -> datetime | None:
    """Hex of Unix seconds without 0x (A11 c, d)."""
    if not 1 <= len(text) <= 10:
        return None
    try:
        return datetime.fromtimestamp(int(text, 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _dedupe(time: str, body: bytes) -> str:
    # The length keeps the two parts apart.
    return hashlib.sha256(f"{len(time)}:{time}:".encode() + body).hexdigest()
