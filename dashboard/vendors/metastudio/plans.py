"""Rooms and starts as MetaStudio wants them (002:5872-6160, 8811-8821). Pure.

`RoomPlan.config` is the room form: model_asset_id and voice_asset_id (both needed), speed, pitch, volume, background
(an asset ID or an address, A45), view_mode, resolution, bit_rate (Mbit/s), subtitles, description. An entry
`scenes: {"2": {...}}` overrides them for one scene, and may give it a `name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dashboard.vendors.port import PlannedItem, RoomPlan, StartPlan

CALLBACK_EVENTS = ["SHOOT_SCRIPT_SWITCH", "RTMP_STREAM_STATE_CHANGE", "REPLY_COMMAND_FINISH"]
CHANNEL_EVENTS = ["LIVE_PROGRESS", "REPLY_COMMAND_FINISH"]
LONGEST_TITLE = 256


def scene_numbers(items: Sequence[PlannedItem]) -> list[int]:
    return sorted({item.scene_no for item in items})


def has_assets(plan: RoomPlan) -> bool:
    """Avatar and voice for every scene; the documents leave both open, a live room without them cannot start."""
    scenes = scene_numbers(plan.items) or [1]
    return all(
        _of_scene(plan, number).get("model_asset_id") and _of_scene(plan, number).get("voice_asset_id")
        for number in scenes
    )


def room_body(plan: RoomPlan) -> dict[str, object]:
    """Create and update (A68: an update replaces the lists it names)."""
    body: dict[str, object] = {
        "room_name": plan.name,
        "room_type": "NORMAL",
        "scene_scripts": [_scene(plan, number) for number in scene_numbers(plan.items)],
        "play_policy": play_policy(plan),
        **_outputs(plan),
        **_picture(plan),
    }
    if plan.rules is not None:
        body["interaction_rules"] = [dict(rule) for rule in plan.rules]
    if description := plan.config.get("description"):
        body["room_description"] = description
    return body


def start_body(plan: StartPlan, *, command_channel: bool) -> dict[str, object]:
    """What one start overrides of its room."""
    body: dict[str, object] = {"play_policy": play_policy(plan.room), **_outputs(plan.room), **_picture(plan.room)}
    if plan.callback_url:
        body["live_event_callback_config"] = {
            "live_event_type_callback_url": plan.callback_url,
            # In the headers, so that the signature stands in no access log.
            "auth_type": "MSS_A_HEAD",
            "key": plan.callback_key,
            "callback_event_type": CALLBACK_EVENTS,
        }
    if command_channel:
        body["rtc_callback_config"] = {"rtc_callback_event_type": CHANNEL_EVENTS}
    return body


def play_policy(plan: RoomPlan) -> dict[str, object]:
    """002:6083-6088: -1 repeats until stopped, 0 plays once."""
    return {
        "repeat_count": -1 if plan.repeat_script else 0,
        "auto_play_script": True,
        "play_mode": "TEXT",
        "random_play_mode": str(plan.config.get("random_play_mode") or "NONE").upper(),
    }


def _of_scene(plan: RoomPlan, number: int) -> Mapping[str, object]:
    scenes = plan.config.get("scenes")
    own = scenes.get(str(number)) if isinstance(scenes, Mapping) else None
    return {**plan.config, **own} if isinstance(own, Mapping) else plan.config


def _scene(plan: RoomPlan, number: int) -> dict[str, object]:
    config = _of_scene(plan, number)
    voice = {"voice_asset_id": config.get("voice_asset_id")}
    voice |= {name: config[name] for name in ("speed", "pitch", "volume") if config.get(name) is not None}
    scene: dict[str, object] = {
        "script_name": config.get("name") or f"Scene {number}",
        "model_asset_id": config.get("model_asset_id"),
        "voice_config": voice,
        "shoot_scripts": [_paragraph(item) for item in plan.items if item.scene_no == number],
    }
    if background := config.get("background"):
        scene["background_config"] = [_background(str(background))]
    if layers := config.get("layers"):
        scene["layer_config"] = layers
    return scene


def _paragraph(item: PlannedItem) -> dict[str, object]:
    # The number runs through the whole script, so that a report of it needs no look at the scene.
    paragraph: dict[str, object] = {"sequence_no": item.no, "text_config": {"text": item.text}}
    if item.title:
        paragraph["title"] = item.title[:LONGEST_TITLE]
    return paragraph


def _background(value: str) -> dict[str, object]:
    """A45: an address or an asset ID; the ID has its own field."""
    if "://" in value:
        return {"background_type": "IMAGE", "background_config": value}
    # background_config is mandatory for IMAGE (002:5917), and the examples put the ID there as well.
    return {"background_type": "IMAGE", "background_config": value, "background_asset_id": value}


def _outputs(plan: RoomPlan) -> dict[str, object]:
    if not plan.output_url:
        return {}
    keys = {"stream_keys": [plan.stream_key]} if plan.stream_key else {}
    return {"output_urls": [plan.output_url], **keys}


def _picture(plan: RoomPlan) -> dict[str, object]:
    config = plan.config
    picture: dict[str, object] = {}
    if view := config.get("view_mode"):
        picture["view_mode"] = str(view).upper()
    if bit_rate := config.get("bit_rate"):
        width, height = _size(config.get("resolution"), is_wide=str(view).upper() == "LANDSCAPE")
        video: dict[str, object] = {
            "codec": "H264",
            "bitrate": _kilobits(bit_rate),
            "width": width,
            "height": height,
            "frame_rate": "25",
        }
        if config.get("subtitles") is not None:
            video["is_subtitle_enable"] = bool(config["subtitles"])
        picture["video_config"] = video
    return picture


def _kilobits(value: object) -> object:
    """002:3558 counts in kbit/s. What is no number stays as it is: the contract's check then names the field."""
    try:
        return round(float(str(value)) * 1000)
    except (ValueError, OverflowError):
        return value


def _size(value: object, *, is_wide: bool) -> tuple[int, int]:
    """ "1080x1920" or a pair; A50: portrait is 1080 × 1920."""
    parts = re.split(r"[x×*]", value) if isinstance(value, str) else value if isinstance(value, Sequence) else ()
    numbers = [int(str(part)) for part in parts if str(part).strip().isdecimal()]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    return (1920, 1080) if is_wide else (1080, 1920)
