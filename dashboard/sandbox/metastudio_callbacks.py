"""Live event callbacks as a room's live_event_callback_config asks for them (000:1585-1660, 002:6120-6145)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dashboard.sandbox.callbacks import Callback

VENDOR = "metastudio"
SWITCH = "SHOOT_SCRIPT_SWITCH"
RTMP = "RTMP_STREAM_STATE_CHANGE"
FINISH = "REPLY_COMMAND_FINISH"
EVENTS = {"switch": SWITCH, "rtmp": RTMP, "finish": FINISH}


def build(
    config: Mapping[str, Any], *, room_id: str, job_id: str, kind: str, data: Mapping[str, Any]
) -> Callback | None:
    """The callback that tells `kind`; None when nobody subscribed to it (A9: no list, no callbacks)."""
    event = EVENTS[kind]
    if event not in (config.get("callback_event_type") or []):
        return None
    message = {"room_id": room_id, "job_id": job_id, **message_of(kind, data)}
    # A8: the message is JSON inside a string.
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    body = json.dumps({"event_type": event, "message": text}, ensure_ascii=False, separators=(",", ":"))
    signing = {"auth_type": str(config.get("auth_type") or "NONE"), "key": str(config.get("key") or "")}
    url = str(config.get("live_event_type_callback_url") or "")
    return Callback(VENDOR, job_id, url, body, event, data=signing)


def message_of(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "switch":
        return {
            "scene_script_name": data["scene"],
            # A text in every printed sample, although it is a number everywhere else.
            "shoot_script_sequence_no": str(data["sequence_no"]),
            "shoot_script_title": data["title"],
        }
    if kind == "rtmp":
        return {name: data[name] for name in ("output_url", "stream_key", "state")}
    return {"reply_id": data["reply_id"]}


def sign(callback: Callback, now: datetime) -> tuple[str, dict[str, str]]:
    """The URL to call and the headers to add, by auth_type (A10, A11)."""
    auth, key = callback.data.get("auth_type", "NONE"), callback.data.get("key", "")
    if auth not in ("MSS_A", "MSS_A_HEAD"):
        return callback.url, {}
    stamp = format(int(now.timestamp()), "x")
    signed = signed_part(callback.url, callback.data.get("signs", "url"))
    secret = hmac.new(key.encode(), (signed + stamp).encode(), hashlib.sha256).hexdigest()
    if auth == "MSS_A_HEAD":
        return callback.url, {"x-hw-mss-secret": secret, "x-hw-mss-time": stamp}
    joint = "&" if urlsplit(callback.url).query else "?"
    return f"{callback.url}{joint}hwSecret={secret}&hwTime={stamp}", {}


def signed_part(url: str, signs: str = "url") -> str:
    """What `URI(live_event_callback_url)` means (A11 b): the whole URL as it was configured, or its path."""
    return urlsplit(url).path if signs == "path" else url
