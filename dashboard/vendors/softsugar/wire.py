"""SoftSugar's bytes as our facts; pure. Line numbers such as 004:213 are those of the vendor's document."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar, cast

import msgspec

from dashboard.lib import shapes
from dashboard.vendors.masking import masked
from dashboard.vendors.port import (
    Aside,
    ConflictReport,
    FrameReport,
    ItemReport,
    JobReport,
    JobSays,
    LinkRefused,
    RemainingReport,
    Report,
    Step,
    TokenExpired,
    Unrecognised,
    VoiceReport,
)
from dashboard.vendors.softsugar import errors

T = TypeVar("T")

# The vendor's strings carry no zone; it is the vendor's own (B20: nothing in the document is stated as UTC).
VENDOR_ZONE = timezone(timedelta(hours=8))
# Earlier than this is the document's placeholder 1234567890 (B7), not a time in milliseconds.
FIRST_REAL_MS = 1_000_000_000_000
LONGEST_REMAINING_S = 10**9

STATES: dict[int, JobSays] = {
    32: JobSays.PREPARING,
    35: JobSays.READY,
    2: JobSays.LIVE,
    5: JobSays.ENDED,
    50: JobSays.LOST,
    9: JobSays.FAILED,
    99: JobSays.FAILED,
    97: JobSays.FAILED,
    98: JobSays.FAILED,
}
SOCKET_STEPS = {20: Step.QUEUED, 19: Step.STARTED, 18: Step.FINISHED}
# The same facts have other numbers in callbacks (B11).
CALLBACK_STEPS = {34: Step.QUEUED, 36: Step.STARTED, 37: Step.FINISHED, 39: Step.FAILED}
# The RTC token of our own application is over; the live goes on (004:1139).
TOKEN_EXPIRED = 96
# 2 "ready for binary frames", -1 "eof received".
VOICE_FRAMES = {2: True, -1: False}
# "Stop sending" says no more than the close that follows it.
STOP_FRAME = 4
FAILED_FRAME = 5


class Unreadable(ValueError):
    """Bytes that do not have the documented shape."""


class Envelope(msgspec.Struct, frozen=True):
    """Every HTTP answer (004:52-54). `data` has the documented shape only when `code` is 0 (B31)."""

    code: int
    message: Any = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class Created(msgspec.Struct, frozen=True, rename="camel"):
    """004:55-61"""

    session_id: str
    session_token: str
    status: int
    rtc_app_id: str | None = None
    rtc_channel_id: str | None = None
    rtc_uid: str | None = None
    rtc_token: str | None = None


class Stat(msgspec.Struct, frozen=True, rename="camel"):
    """004:894-899"""

    status: int
    session_token: str | None = None
    rtc_app_id: str | None = None
    rtc_channel_id: str | None = None
    rtc_uid: str | None = None
    rtc_token: str | None = None


def rtc_of(told: Created | Stat) -> dict[str, str]:
    """What opens the picture's RTC channel, as soon as there is one (B22)."""
    values = {
        "app_id": told.rtc_app_id,
        "channel_id": told.rtc_channel_id,
        "uid": told.rtc_uid,
        "token": told.rtc_token,
    }
    return {name: value for name, value in values.items() if value}


class Running(msgspec.Struct, frozen=True, rename="camel"):
    """004:938-940"""

    session_id: str
    status: int
    start_time: str | None = None


class Past(msgspec.Struct, frozen=True, rename="camel"):
    """004:1001-1004"""

    session_id: str
    status: int
    start_time: str | None = None
    end_time: str | None = None


class History(msgspec.Struct, frozen=True):
    result: list[Past] = []


class Queue(msgspec.Struct, frozen=True, rename="camel"):
    """004:536"""

    command_trace_ids: list[str] | None = None


class Success(msgspec.Struct, frozen=True, rename="camel"):
    """004:446, 491-493"""

    is_success: bool
    command_finish_time: str | None = None
    message: str | None = None


class Command(msgspec.Struct, frozen=True, rename="camel"):
    """004:193, 397"""

    command_status: int
    command_trace_id: str | None = None


# `data` of these calls may be empty (004:148, 850, 1068). The casts are for mypy, which knows no type of a union.
MAYBE_BOOL = cast("type[bool | None]", bool | None)
MAYBE_TEXT = cast("type[str | None]", str | None)
MAYBE_QUEUE = cast("type[Queue | None]", Queue | None)


class _Notice(msgspec.Struct, frozen=True, rename="camel"):
    command_trace_id: str = ""
    timestamp: int | None = None


class _Remaining(msgspec.Struct, frozen=True):
    remain_duration: float
    server_time: int | None = None


class _Reached(msgspec.Struct, frozen=True):
    """004:355"""

    digital_role_file_id: str
    cur_frame: int


class _Frame(msgspec.Struct, frozen=True):
    code: int
    message: msgspec.Raw = msgspec.Raw(b"null")
    data: msgspec.Raw = msgspec.Raw(b"null")


class Callback(msgspec.Struct, frozen=True, rename="camel"):
    """004:1128-1147"""

    session_id: str
    status: int
    command_trace_id: str | None = None
    command_finish_time: str | None = None
    task_result: str | None = None
    user_data: str | None = None


def decode(raw: bytes | str | msgspec.Raw, shape: type[T]) -> T:
    try:
        return shapes.decode(raw, shape, strict=False)
    except shapes.UNREADABLE:
        # A union has no name of its own.
        raise Unreadable(getattr(shape, "__name__", str(shape))) from None


def decode_data(raw: msgspec.Raw, shape: type[T]) -> T:
    """The `data` of an envelope; empty may be "", null or nothing (B31)."""
    if shape is msgspec.Raw:
        return raw  # type: ignore[return-value]
    text = bytes(raw).strip()
    return decode(b"null" if text in (b"", b'""') else text, shape)


def decode_running(raw: msgspec.Raw) -> list[Running]:
    """An object in the table, a list in the example (B21); nothing at all when nothing runs (B31)."""
    text = bytes(raw).strip()
    if text in (b"", b"null", b'""', b"{}"):
        return []
    return decode(text, list[Running]) if text.startswith(b"[") else [decode(text, Running)]


def parse_time(text: str | None) -> datetime | None:
    """`yyyy-MM-dd HH:mm:ss` in the vendor's zone (004:492, 940, 1003, 1145)."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=VENDOR_ZONE).astimezone(UTC)
    except ValueError:
        return None


def time_of_ms(ms: int | None) -> datetime | None:
    """Milliseconds since 1970, or None for a placeholder and for nonsense."""
    if ms is None or not FIRST_REAL_MS <= ms < FIRST_REAL_MS * 10:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC)


# ------------------------------------------------------------------------------------------------------ what they tell


def job_report(
    vendor_ref: str,
    status: int,
    at: datetime,
    *,
    started_at: datetime | None = None,
    user_data: str = "",
    detail: str = "",
    stamped: bool = False,
) -> JobReport | None:
    """A session's status number (004:57, 894, 939, 1002, 1133); None for one that is no state of a session."""
    says = STATES.get(status)
    if says is None:
        return None
    trouble = says in (JobSays.FAILED, JobSays.LOST)
    return JobReport(
        vendor_ref=vendor_ref,
        says=says,
        at=at,
        code=str(status),
        error=errors.of_status(status, detail, heard=None) if trouble else None,
        user_data=user_data,
        started_at=started_at,
        stamped=stamped,
    )


def parse_frame(raw: str | bytes, session_ref: str, now: datetime, unconfirmed: str = "") -> Report | Aside | None:
    """One downstream frame (004:273-362); None for the one that tells nothing.

    `unconfirmed` is the one takeover that was written and not yet confirmed, if there is exactly one: a failure (5)
    names no takeover and can then only mean that one.
    """
    try:
        frame = decode(raw, _Frame)
        if frame.code == STOP_FRAME:
            return None
        if frame.code == FAILED_FRAME and unconfirmed:
            return ItemReport(session_ref, unconfirmed, Step.FAILED, now, errors.of_socket(FAILED_FRAME))
        return _told(frame, session_ref, now) or Unrecognised(session_ref, masked(raw), now)
    except Unreadable:
        return Unrecognised(session_ref, masked(raw), now)


def _told(frame: _Frame, session_ref: str, now: datetime) -> Report | Aside | None:
    if (is_open := VOICE_FRAMES.get(frame.code)) is not None:
        return VoiceReport(session_ref, is_open, now)
    if frame.code == 30:
        reached = decode(frame.message, _Reached)
        return FrameReport(session_ref, reached.digital_role_file_id, reached.cur_frame, now)
    if (step := SOCKET_STEPS.get(frame.code)) is not None:
        notice = decode(frame.data, _Notice)
        at = time_of_ms(notice.timestamp) or now
        return ItemReport(session_ref, notice.command_trace_id, step, at) if notice.command_trace_id else None
    if frame.code == 7:
        return ConflictReport(session_ref, now)
    if frame.code == 102:
        remaining = decode(frame.message, _Remaining)
        seconds = int(min(max(remaining.remain_duration, 0), LONGEST_REMAINING_S))
        return RemainingReport(session_ref, seconds, time_of_ms(remaining.server_time) or now)
    if frame.code in (1, 6):
        return LinkRefused(session_ref, errors.of_socket(frame.code), now)
    return None


def parse_callback(body: bytes, at: datetime, *, stamped: bool) -> Report:
    """A status callback (004:1123-1147). It tells a state of the session or a step of a takeover."""
    told = decode(body, Callback)
    if (step := CALLBACK_STEPS.get(told.status)) is not None and told.command_trace_id:
        when = _finished_at(told, at) if step is Step.FINISHED else at
        failed = step is Step.FAILED
        return ItemReport(
            told.session_id,
            told.command_trace_id,
            step,
            when,
            errors.of_status(39, told.task_result or "", heard="maybe") if failed else None,
            # The time of an interruption is told where there was one (004:1145).
            was_cut=bool(told.command_finish_time) if step is Step.FINISHED else None,
        )
    if told.status == TOKEN_EXPIRED:
        return TokenExpired(told.session_id, errors.of_status(TOKEN_EXPIRED, told.task_result or "", heard="maybe"), at)
    report = job_report(
        told.session_id,
        told.status,
        at,
        user_data=told.user_data or "",
        detail=told.task_result or "",
        stamped=stamped,
    )
    return report or Unrecognised(told.session_id, masked(body), at)


def _finished_at(told: Callback, at: datetime) -> datetime:
    """A cut is told in whole seconds. Taken for earlier than it was, it would come before the cancel that made it."""
    second = parse_time(told.command_finish_time)
    return at if second is None else min(at, second + timedelta(milliseconds=999))


def dedupe(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # The length keeps the parts apart.
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
