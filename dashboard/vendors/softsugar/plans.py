"""What SoftSugar's create call takes (004:26-47, 596-657). Pure.

`RoomPlan.config` is the room form: file_id (needed), face_feature_id, position, scale, digital_role_sublist, effects,
resolution, bit_rate (Mbit/s), auto_fill_silence, file_preload_list, rtc (app_id, channel_id, uid, token).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from dashboard.vendors.contract.generated import softsugar as api
from dashboard.vendors.port import RoomPlan


def live_script(plan: RoomPlan) -> api.LiveScript:
    """The live script (004:596-657): picture and stream only, SoftSugar plays no text of its own (B14)."""
    config = plan.config
    script: api.LiveScript = {
        "version": "0.0.2",
        "live_type": "SuperLiveRoomPro",
        "resolution": resolution(config.get("resolution")),
        "sceneList": [_scene(config)],
    }
    # What an operator typed stays as it is, here and below: the contract's check then names the field.
    if is_given(bit_rate := config.get("bit_rate")):
        script["bit_rate"] = cast("float", bit_rate)
    if is_given(fill := config.get("auto_fill_silence")):
        script["auto_fill_silence"] = cast("bool", fill)
    if is_given(files := config.get("file_preload_list")):
        script["file_preload_list"] = cast("list[str]", files)
    if plan.output_url:
        script["streaming_param"] = {"rtmp_url": push_address(plan.output_url, plan.stream_key)}
    return script


def _scene(config: Mapping[str, object]) -> api.LiveScriptScene:
    scene: api.LiveScriptScene = {"digital_role": _role(config)}
    if subs := config.get("digital_role_sublist"):
        scene["digital_role_sublist"] = cast("list[api.LiveScriptSceneDigitalRoleSublist]", subs)
    if effects := config.get("effects"):
        scene["effects"] = cast("api.LiveScriptSceneEffects", effects)
    return scene


def _role(config: Mapping[str, object]) -> api.LiveScriptSceneDigitalRole:
    role: api.LiveScriptSceneDigitalRole = {}
    if is_given(file_id := config.get("file_id")):
        role["file_id"] = cast("str", file_id)
    if is_given(face := config.get("face_feature_id")):
        role["face_feature_id"] = cast("str", face)
    if is_given(position := config.get("position")):
        role["position"] = cast("api.LiveScriptSceneDigitalRolePosition", position)
    if is_given(scale := config.get("scale")):
        role["scale"] = cast("float", scale)
    return role


def is_given(value: object) -> bool:
    return value not in (None, "", [])


def resolution(value: object) -> list[int]:
    """[width, height] of "1080x1920" or a pair; portrait 1080 × 1920 when nothing is set."""
    if isinstance(value, str):
        parts: Sequence[object] = re.split(r"[x×*]", value)
    elif isinstance(value, Sequence):
        parts = value
    else:
        return [1080, 1920]
    numbers = [int(str(part)) for part in parts if str(part).strip().isdecimal()]
    return numbers if len(numbers) == 2 else [1080, 1920]


def push_address(output_url: str, stream_key: str) -> str:
    """SoftSugar takes one address (004:605): the platform's server, a slash, the key."""
    return f"{output_url.rstrip('/')}/{stream_key.lstrip('/')}" if stream_key else output_url


def create_body(plan: RoomPlan, job_key: str) -> api.ChannelCreateBody:
    """004:35-41. `userData` comes back in each callback. `rtc` of the room brings an RTC application of our own."""
    body: api.ChannelCreateBody = {"param": json_text(live_script(plan)), "userData": job_key}
    own = plan.config.get("rtc")
    if isinstance(own, Mapping) and own:
        body["urtcUseExternalApp"] = True
        body["urtcAppId"] = str(own.get("app_id") or "")
        body["urtcChannelId"] = str(own.get("channel_id") or "")
        body["urtcUid"] = str(own.get("uid") or "")
        body["urtcToken"] = str(own.get("token") or "")
    return body


def json_text(value: api.LiveScript | api.ControlScript) -> str:
    """JSON for inside JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
