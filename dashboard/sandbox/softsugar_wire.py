"""SoftSugar's own words: envelopes, socket frames, callback bodies and signatures, printed as in its document."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any

from dashboard.sandbox.http import Response, json_response

CHINA = timezone(timedelta(hours=8))
"""Times without a zone are taken as the vendor's own (B20)."""

AUTH_FAILED, READY_FOR_AUDIO, STOPPED, FAILED, NO_SESSION, CONFLICT = 1, 2, 4, 5, 6, 7
DONE, STARTED, ENQUEUED, ACK, REMAINING, FRAME_REACHED = 18, 19, 20, -1, 102, 30
AUDIO_BEGIN, SAY_TEXT, AUDIO_END, ASK_REMAINING = 0, 10, 99, 101

MESSAGES = {
    AUTH_FAILED: "认证失败",
    READY_FOR_AUDIO: "准备发送数据",
    STOPPED: "停止发送数据",
    FAILED: "发送数据失败",
    NO_SESSION: "服务端未准备好接收",
    CONFLICT: "算法端接管冲突被拒绝",
    DONE: "接管/取消接管完成",
    STARTED: "开始播放接管",
    ENQUEUED: "接管入队完成",
    ACK: "接管消息ACK",
}
"""004:274-346."""

REFUSED_TOKEN, REFUSED_BODY, REFUSED_SESSION, REFUSED_STATE = 401, 400, 404, 409
"""The document prints no error codes beside "others: abnormal" (004:52); these are the sandbox's own (B35)."""


def accepted(data: Any = None) -> Response:
    answer: dict[str, Any] = {"code": 0, "message": "success"}
    if data is not None:
        answer["data"] = data
    return json_response(answer)


def refused(code: int, message: str, *, status: int = 200) -> Response:
    return json_response({"code": code, "message": message}, status)


def vendor_time(wall: datetime) -> str:
    return wall.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def frame(code: int) -> dict[str, Any]:
    return {"code": code, "message": MESSAGES[code]}


def notice(code: int, *, session: str, ref: str, timestamp_ms: int) -> dict[str, Any]:
    data = {"sessionId": session, "commandTraceId": ref, "timestamp": timestamp_ms}
    return {**frame(code), "data": data}


def ack(*, session: str, ref: str, timestamp_ms: int) -> dict[str, Any]:
    """Only 99 is acknowledged (004:336)."""
    data = {"sessionId": session, "code": AUDIO_END, "commandTraceId": ref, "timestamp": timestamp_ms}
    return {**frame(ACK), "data": data}


def remaining(*, channel: str, server_ms: int, seconds: int) -> dict[str, Any]:
    message = {"channel_id": channel, "server_time": server_ms, "remain_duration": seconds}
    return {"code": REMAINING, "message": message}


def frame_reached(*, role: str, number: int) -> dict[str, Any]:
    return {"code": FRAME_REACHED, "message": {"digital_role_file_id": role, "cur_frame": number}}


def callback_body(fields: dict[str, Any]) -> str:
    """Fields without a value are left out, as their "only present when" notes say (004:1127)."""
    return json.dumps({key: value for key, value in fields.items() if value is not None}, ensure_ascii=False)


def signature(auth_key: str, timestamp: str, body: bytes) -> str:
    """Assumed: the vendor's rule stands on a page that we do not have (004:1123, B6)."""
    return hmac.new(auth_key.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()
