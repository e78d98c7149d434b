"""What SoftSugar's create call takes (004:26-47, 596-657). Pure.

`RoomPlan.config` is the room form: file_id (needed), face_feature_id, position, scale, digital_role_sublist, effects,
resolution, bit_rate (Mbit/s), auto_fill_silence, file_preload_list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from dashboard.vendors.port import RoomPlan


def live_script(plan: RoomPlan) -> dict[str, object]:
    """The live script (004:596-657): picture and stream only, SoftSugar plays no text of its own (B14)."""
    config = plan.config
    role = _picked(config, "file_id", "face_feature_id", "position", "scale")
    scene: dict[str, object] = {"digital_role": role}
    if subs := config.get("digital_role_sublist"):
        scene["digital_role_sublist"] = subs
    if effects := config.get("effects"):
        scene["effects"] = effects
    script: dict[str, object] = {
        "version": "0.0.2",
        "live_type": "SuperLiveRoomPro",
        "resolution": resolution(config.get("resolution")),
        "sceneList": [scene],
        **_picked(config, "bit_rate", "auto_fill_silence", "file_preload_list"),
    }
    if plan.output_url:
        script["streaming_param"] = {"rtmp_url": push_address(plan.output_url, plan.stream_key)}
    return script


def _picked(config: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: config[name] for name in names if config.get(name) not in (None, "", [])}


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


def create_body(plan: RoomPlan, job_key: str) -> dict[str, object]:
    """004:35, 41. `param` is JSON inside JSON; `userData` comes back in each callback."""
    return {"param": json.dumps(live_script(plan), ensure_ascii=False, separators=(",", ":")), "userData": job_key}
