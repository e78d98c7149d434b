"""What MetaStudio tells without being asked: frames of the COMMAND channel and live event callbacks. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from dashboard.vendors.masking import masked
from dashboard.vendors.metastudio import wire
from dashboard.vendors.port import (
    ItemReport,
    JobReport,
    JobSays,
    Report,
    ScriptReport,
    Step,
    StreamLink,
    StreamReport,
    Unrecognised,
)

# The finer states that only the COMMAND channel tells (002:14082-14087).
CHANNEL_STATES: dict[str, JobSays] = {
    "PREPROCESSING": JobSays.PREPARING,
    "PLAY_READY": JobSays.READY,
    "PROCESSING": JobSays.LIVE,
    "PLAY_PAUSE": JobSays.PAUSED,
    "TAKE_OVER": JobSays.TAKEN_OVER,
    "PLAY_END": JobSays.ENDED,
}
# RTMP_STREAM_STATE_CHANGE (002:6132)
STREAM_STATES: dict[str, StreamLink] = {
    "CONNECTING": StreamLink.CONNECTING,
    "CONNECTED": StreamLink.UP,
    "DISCONNECTED": StreamLink.DOWN,
    "RECONNECTING": StreamLink.RECONNECTING,
    "END": StreamLink.ENDED,
}


# ------------------------------------------------------------------------------------------------- the COMMAND channel


class _Progress(msgspec.Struct, frozen=True):
    """002:6140"""

    script_name: str | None = None
    shoot_script_sequence_no: int | None = None
    shoot_script_title: str | None = None
    offset: float | None = None
    reply_id: str | None = None


class _Reply(msgspec.Struct, frozen=True):
    reply_id: str


class _ChannelFrame(msgspec.Struct, frozen=True):
    message_type: str
    state: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


def parse_channel(raw: str | bytes, job_ref: str, now: datetime) -> Report | None:
    """One frame of the COMMAND channel (002:14093-14111, 6140), strict JSON."""
    try:
        frame = wire.decode(raw, _ChannelFrame)
        return _channel_told(frame, job_ref, now) or Unrecognised(job_ref, masked(raw), now)
    except wire.Unreadable:
        return Unrecognised(job_ref, masked(raw), now)


def _channel_told(frame: _ChannelFrame, job_ref: str, now: datetime) -> Report | None:
    if frame.message_type == "state_notify":
        says = CHANNEL_STATES.get(frame.state or "")
        return JobReport(job_ref, says, now, code=frame.state or "") if says else None
    if frame.message_type == "live_progress_notify":
        progress = wire.decode(frame.data, _Progress)
        if progress.reply_id:
            # What was inserted is playing; the paragraph in the frame is the one it interrupts.
            return ItemReport(job_ref, progress.reply_id, Step.STARTED, now)
        if progress.shoot_script_sequence_no is None:
            return None
        return ScriptReport(
            job_ref,
            progress.shoot_script_sequence_no,
            progress.shoot_script_title or "",
            now,
            progress.script_name or "",
            None if progress.offset is None else int(min(max(progress.offset, 0), 10**9)),
        )
    if frame.message_type == "reply_command_finish_notify":
        return ItemReport(job_ref, _reply(frame.data).reply_id, Step.FINISHED, now)
    return None


def _reply(data: msgspec.Raw) -> _Reply:
    """An object (A12); one printed form is a string that holds it."""
    text = bytes(data).strip()
    return wire.decode(wire.decode(text, str) if text.startswith(b'"') else text, _Reply)


# ----------------------------------------------------------------------------------------------------------- callbacks


class _Callback(msgspec.Struct, frozen=True):
    event_type: str
    message: msgspec.Raw


class _Message(msgspec.Struct, frozen=True):
    """002:6132; `message` is JSON inside JSON, and the sequence number in it is text (A8)."""

    job_id: str
    room_id: str | None = None
    scene_script_name: str | None = None
    shoot_script_sequence_no: int | None = None
    shoot_script_title: str | None = None
    state: str | None = None
    reply_id: str | None = None


def parse_callback(body: bytes, at: datetime) -> Report:
    told = wire.decode(body, _Callback)
    text = bytes(told.message).strip()
    message = wire.decode(wire.decode(text, str) if text.startswith(b'"') else text, _Message)
    job_ref = message.job_id
    if told.event_type == "SHOOT_SCRIPT_SWITCH" and message.shoot_script_sequence_no is not None:
        return ScriptReport(
            job_ref,
            message.shoot_script_sequence_no,
            message.shoot_script_title or "",
            at,
            message.scene_script_name or "",
        )
    if told.event_type == "RTMP_STREAM_STATE_CHANGE" and (link := STREAM_STATES.get((message.state or "").upper())):
        return StreamReport(job_ref, link, at)
    if told.event_type == "REPLY_COMMAND_FINISH" and message.reply_id:
        return ItemReport(job_ref, message.reply_id, Step.FINISHED, at)
    return Unrecognised(job_ref, masked(body), at)
