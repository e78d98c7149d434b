"""What MetaStudio's JSON tells, as our facts; pure. Line numbers such as 002:9099 are those of the API reference."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from dashboard.lib import shapes
from dashboard.vendors.http import Reply
from dashboard.vendors.metastudio import errors
from dashboard.vendors.port import (
    Accepted,
    JobReport,
    JobSays,
    Outcome,
    PlannedItem,
    RoomSummary,
)

T = TypeVar("T")


# SUCCEED in the table, SUCCESS in examples and filters; BLOCKED for live jobs, BLOCK for video (A1, A2).
JOB_STATES: dict[str, JobSays] = {
    "WAITING": JobSays.PREPARING,
    "PROCESSING": JobSays.LIVE,
    "SUCCEED": JobSays.ENDED,
    "SUCCESS": JobSays.ENDED,
    "CANCELED": JobSays.ENDED,
    "FAILED": JobSays.FAILED,
    "BLOCKED": JobSays.BLOCKED,
    "BLOCK": JobSays.BLOCKED,
}
# live_warning_info (002:8946), in words of our own.
WARNINGS: dict[str, str] = {
    "TOO_LESS_SCRIPT_ITEMS": "few_script_items",
    "TOO_SHORT_SCRIPT_TIME": "short_script",
    "TOO_LESS_DANMAKU_RULES": "few_comment_rules",
    "RANDOM_PLAY_CLOSED": "random_play_off",
    "ROTATION_MODEL_CLOSED": "avatar_rotation_off",
}


class Unreadable(ValueError):
    """Bytes that do not have the documented shape."""


# --------------------------------------------------------------------------------------------------- what answers hold


class ErrorBody(msgspec.Struct, frozen=True):
    """002:964; read only when both are there, as the vendor's SDK does."""

    error_code: str | None = None
    error_msg: str | None = None


class TextConfig(msgspec.Struct, frozen=True):
    text: str = ""


class ShootScript(msgspec.Struct, frozen=True):
    """002:5975"""

    sequence_no: int | None = None
    title: str | None = None
    text_config: TextConfig | None = None


class Scene(msgspec.Struct, frozen=True):
    """002:5901"""

    script_name: str | None = None
    model_asset_id: str | None = None
    voice_config: dict[str, Any] | None = None
    background_config: list[dict[str, Any]] | None = None
    shoot_scripts: list[ShootScript] | None = None


class Room(msgspec.Struct, frozen=True):
    """002:6363, 6536, 6557"""

    room_id: str = ""
    room_name: str | None = None
    update_time: str | None = None
    room_type: str | None = None
    view_mode: str | None = None
    scene_scripts: list[Scene] | None = None
    output_urls: list[str] | None = None
    cover_url: str | None = None
    interaction_rules: list[msgspec.Raw] | None = None


class RoomList(msgspec.Struct, frozen=True):
    count: int = 0
    smart_live_rooms: list[Room] | None = None


class RtcUser(msgspec.Struct, frozen=True):
    """002:8926-8929"""

    user_type: str | None = None
    user_id: str | None = None
    signature: str | None = None
    ctime: int | None = None


class RtcRoom(msgspec.Struct, frozen=True):
    app_id: str | None = None
    room_id: str | None = None
    users: list[RtcUser] | None = None


class RiskWarning(msgspec.Struct, frozen=True):
    warning_type: str = ""


class Job(msgspec.Struct, frozen=True):
    """SmartLiveJob (002:9096-9116); start answers with a part of it (002:8910-8914)."""

    job_id: str
    room_id: str | None = None
    state: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    create_time: str | None = None
    error_info: ErrorBody | None = None
    block_reason: str | None = None
    rtc_room_info: RtcRoom | None = None
    live_event_report_url: str | None = None
    live_warning_info: list[RiskWarning] | None = None


class JobList(msgspec.Struct, frozen=True):
    count: int = 0
    smart_live_jobs: list[Job] | None = None


class CommandAnswer(msgspec.Struct, frozen=True):
    """002:9648-9652; command_id is always given although the example omits it (A18)."""

    command_id: str | None = None
    command: str | None = None
    result: str | None = None


class PlayingItem(msgspec.Struct, frozen=True):
    """002:14059"""

    sequence_no: int | None = None
    title: str | None = None


class PlayingScene(msgspec.Struct, frozen=True):
    """002:14053"""

    script_name: str | None = None
    shoot_scripts: list[PlayingItem] | None = None


class PlayingScripts(msgspec.Struct, frozen=True):
    """LivePlayingScriptList (002:14048)"""

    scene_scripts: list[PlayingScene] | None = None


class RuleGroup(msgspec.Struct, frozen=True):
    """InteractionRuleGroupDetail (002:8128); create answers with the ID alone."""

    group_id: str = ""
    group_name: str | None = None
    interaction_rules: list[dict[str, Any]] | None = None
    update_time: str | None = None


class RuleGroupList(msgspec.Struct, frozen=True):
    count: int = 0
    interaction_rule_groups: list[RuleGroup] | None = None


class InsertedCommand(msgspec.Struct, frozen=True):
    """A row of the newer list; only its ID is used."""

    command_id: str


class InsertedList(msgspec.Struct, frozen=True):
    count: int = 0
    insert_commands: list[InsertedCommand] | None = None


class ReportAnswer(msgspec.Struct, frozen=True):
    live_event_report_url: str | None = None


class _TokenBody(msgspec.Struct, frozen=True):
    expires_at: str | None = None


class TokenAnswer(msgspec.Struct, frozen=True):
    """IAM's answer; the token itself is the header X-Subject-Token (002:517)."""

    token: _TokenBody | None = None


class Empty(msgspec.Struct, frozen=True):
    """Delete, update and stop answer without a body (A47)."""


def decode(raw: bytes | str | msgspec.Raw, shape: type[T]) -> T:
    try:
        return shapes.decode(raw, shape, strict=False)
    except shapes.UNREADABLE:
        raise Unreadable(shape.__name__) from None


def done(answer: Outcome[Reply[object]]) -> Outcome[None]:
    """An answer of which nothing but its arrival is wanted."""
    return Accepted(None, answer.request_id) if isinstance(answer, Accepted) else answer


def parse_time(text: str | None) -> datetime | None:
    """RFC 3339; without a zone it is UTC (A81)."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# ------------------------------------------------------------------------------------------------------ what they tell


def job_report(job: Job, at: datetime, room_ref: str = "") -> JobReport | None:
    """What a listing or a query says of a job, as of `at`; None for a state that no table has."""
    says = JOB_STATES.get((job.state or "").upper())
    if says is None:
        return None
    error = None
    if says is JobSays.BLOCKED:
        error = errors.blocked(job.block_reason or "")
    elif says is JobSays.FAILED or (job.error_info and job.error_info.error_code):
        info = job.error_info or ErrorBody()
        error = errors.of_job(info.error_code or "", info.error_msg or "")
    return JobReport(
        vendor_ref=job.job_id,
        says=says,
        at=at,
        code=job.state or "",
        error=error,
        # A job that still waits has no start yet; its creation is what tells it from an older one.
        started_at=parse_time(job.start_time) or parse_time(job.create_time),
        room_ref=job.room_id or room_ref,
        # Over HTTP this one word covers live, paused and taken over alike.
        coarse=says is JobSays.LIVE,
    )


def rtc_values(rtc: RtcRoom | None) -> dict[str, object]:
    """rtc_room_info as plain data, for the session to keep."""
    return {} if rtc is None else msgspec.to_builtins(rtc)


def report_url_until(url: str) -> datetime | None:
    """expires_time, milliseconds (002:10007), when the URL shows it."""
    try:
        value = parse_qs(urlsplit(url).query).get("expires_time", [""])[0]
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def warnings(job: Job) -> tuple[str, ...]:
    found = (one.warning_type for one in job.live_warning_info or ())
    return tuple(WARNINGS.get(word, word.lower()[:64]) for word in found if word)


def room_summary(room: Room, room_ref: str = "") -> RoomSummary:
    items: list[PlannedItem] = []
    for scene_no, scene in enumerate(room.scene_scripts or (), start=1):
        for item in scene.shoot_scripts or ():
            text = item.text_config.text if item.text_config else ""
            items.append(PlannedItem(len(items) + 1, scene_no, item.title or "", text))
    return RoomSummary(
        vendor_ref=room.room_id or room_ref,
        name=room.room_name or "",
        updated_at=parse_time(room.update_time),
        items=tuple(items),
        output_url=(room.output_urls or [""])[0],
        config=_neutral(room),
        has_rules=bool(room.interaction_rules),
        rules=None if room.interaction_rules is None else tuple(_rules(room.interaction_rules)),
    )


def _rules(raw: list[msgspec.Raw]) -> list[dict[str, object]]:
    return [decode(one, dict[str, object]) for one in raw]


def _neutral(room: Room) -> dict[str, object]:
    config: dict[str, object] = {}
    if room.view_mode:
        config["view_mode"] = room.view_mode.lower()
    if room.cover_url:
        config["cover_url"] = room.cover_url
    for scene in (room.scene_scripts or ())[:1]:
        voice = scene.voice_config or {}
        config |= {"model_asset_id": scene.model_asset_id or "", "voice_asset_id": voice.get("voice_asset_id", "")}
        config |= {name: voice[name] for name in ("speed", "pitch", "volume") if name in voice}
        background = (scene.background_config or [{}])[0]
        if asset := background.get("background_asset_id") or background.get("background_config"):
            config["background"] = asset
    return config
