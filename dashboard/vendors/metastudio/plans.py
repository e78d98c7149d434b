"""Rooms and starts as MetaStudio wants them (002:5872-6160, 8811-8821). Pure.

`RoomPlan.config` is the room form: model_asset_id and voice_asset_id (both needed), speed, pitch, volume, background
(an asset ID or an address, A45), view_mode, resolution, bit_rate (Mbit/s), subtitles, description, auto_play (False:
the avatar waits in silence until the channel says play_start). An entry `scenes: {"2": {...}}` overrides them for one
scene, and may give it a `name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.port import CallbackProof, PlannedItem, RoomPlan, StartPlan

CALLBACK_EVENTS: Final[tuple[api.LiveCallbackEvent, ...]] = (
    "SHOOT_SCRIPT_SWITCH",
    "RTMP_STREAM_STATE_CHANGE",
    "REPLY_COMMAND_FINISH",
)
CHANNEL_EVENTS: Final[tuple[api.RtcCallbackEvent, ...]] = ("LIVE_PROGRESS", "REPLY_COMMAND_FINISH")
#: 002:6128. The header is what an account has unless it chose otherwise: there the signature stands in no access log.
AUTH_TYPES: Final[dict[CallbackProof, api.AuthType]] = {
    CallbackProof.HEADER: "MSS_A_HEAD",
    CallbackProof.QUERY: "MSS_A",
    CallbackProof.ADDRESS: "NONE",
}
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


def room_body(plan: RoomPlan) -> api.CreateSmartLiveRoomBody:
    """Create and update (A68: an update replaces the lists it names)."""
    body: api.CreateSmartLiveRoomBody = {
        "room_name": plan.name,
        "room_type": "NORMAL",
        "scene_scripts": scenes(plan),
        "play_policy": play_policy(plan),
    }
    if plan.rules is not None:
        body["interaction_rules"] = [cast("api.LiveRoomInteractionRuleInfo", rule) for rule in plan.rules]
    if description := plan.config.get("description"):
        body["room_description"] = str(description)
    if plan.output_url:
        body["output_urls"] = [plan.output_url]
    if plan.output_url and plan.stream_key:
        body["stream_keys"] = [plan.stream_key]
    if (view := _view(plan)) is not None:
        body["view_mode"] = view
    if (video := _video(plan)) is not None:
        body["video_config"] = video
    if voice := plan.config.get("co_voice_asset_id"):
        # 002:6155: while the second voice speaks, the host is silent.
        body["co_streamer_config"] = {"voice_config": {"voice_asset_id": str(voice)}, "streamer_action": "SILENCE"}
    return body


def changed_room_body(plan: RoomPlan) -> api.UpdateSmartLiveRoomBody:
    """The two tables have the same keys (002:5872, 6990); mypy holds them against each other here."""
    return {**room_body(plan)}


def start_body(plan: StartPlan, *, command_channel: bool) -> api.StartSmartLiveJobBody:
    """What one start overrides of its room."""
    room = plan.room
    body: api.StartSmartLiveJobBody = {"play_policy": play_policy(room)}
    if room.output_url:
        body["output_urls"] = [room.output_url]
    if room.output_url and room.stream_key:
        body["stream_keys"] = [room.stream_key]
    if (view := _view(room)) is not None:
        body["view_mode"] = view
    if (video := _video(room)) is not None:
        body["video_config"] = video
    if plan.callback_url:
        body["live_event_callback_config"] = _callbacks(plan)
    if command_channel:
        body["rtc_callback_config"] = {"rtc_callback_event_type": list(CHANNEL_EVENTS)}
    return body


def _callbacks(plan: StartPlan) -> api.LiveEventCallBackConfig:
    config: api.LiveEventCallBackConfig = {
        "live_event_type_callback_url": plan.callback_url,
        "auth_type": AUTH_TYPES[plan.callback_proof],
        "callback_event_type": list(CALLBACK_EVENTS),
    }
    if plan.callback_proof is not CallbackProof.ADDRESS:
        config["key"] = plan.callback_key
    return config


def play_policy(plan: RoomPlan) -> api.PlayPolicy:
    """002:6083-6088: -1 repeats until stopped, 0 plays once."""
    # What is no word of the vendor's stays as it is, here and below: the contract's check then names the field.
    random = cast("api.RandomPlayMode", str(plan.config.get("random_play_mode") or "NONE").upper())
    return {
        "repeat_count": -1 if plan.repeat_script else 0,
        "auto_play_script": plan.config.get("auto_play") is not False,
        "play_mode": "TEXT",
        "random_play_mode": random,
    }


def scenes(plan: RoomPlan) -> list[api.LiveVideoScriptInfo]:
    return [_scene(plan, number) for number in scene_numbers(plan.items)]


def _of_scene(plan: RoomPlan, number: int) -> Mapping[str, object]:
    scenes = plan.config.get("scenes")
    own = scenes.get(str(number)) if isinstance(scenes, Mapping) else None
    return {**plan.config, **own} if isinstance(own, Mapping) else plan.config


def _scene(plan: RoomPlan, number: int) -> api.LiveVideoScriptInfo:
    config = _of_scene(plan, number)
    scene: api.LiveVideoScriptInfo = {
        "script_name": str(config.get("name") or f"Scene {number}"),
        "voice_config": _voice(config),
        "shoot_scripts": [_paragraph(item) for item in plan.items if item.scene_no == number],
    }
    if model := config.get("model_asset_id"):
        scene["model_asset_id"] = str(model)
    if background := config.get("background"):
        scene["background_config"] = [_background(str(background))]
    if layers := config.get("layers"):
        scene["layer_config"] = cast("list[api.LayerConfig]", layers)
    return scene


def _voice(config: Mapping[str, object]) -> api.VoiceConfig:
    voice: api.VoiceConfig = {"voice_asset_id": cast("str", config.get("voice_asset_id"))}
    if (speed := config.get("speed")) is not None:
        voice["speed"] = cast("int", speed)
    if (pitch := config.get("pitch")) is not None:
        voice["pitch"] = cast("int", pitch)
    if (volume := config.get("volume")) is not None:
        voice["volume"] = cast("int", volume)
    return voice


def _paragraph(item: PlannedItem) -> api.LiveShootScriptItem:
    # The number runs through the whole script, so that a report of it needs no look at the scene.
    paragraph: api.LiveShootScriptItem = {"sequence_no": item.no, "text_config": {"text": item.text}}
    if item.title:
        paragraph["title"] = item.title[:LONGEST_TITLE]
    return paragraph


def _background(value: str) -> api.BackgroundConfigInfo:
    """A45: an address or an asset ID; the ID has its own field."""
    if "://" in value:
        return {"background_type": "IMAGE", "background_config": value}
    # background_config is mandatory for IMAGE (002:5917), and the examples put the ID there as well.
    return {"background_type": "IMAGE", "background_config": value, "background_asset_id": value}


def _view(plan: RoomPlan) -> api.ViewMode | None:
    view = plan.config.get("view_mode")
    return cast("api.ViewMode", str(view).upper()) if view else None


def _video(plan: RoomPlan) -> api.VideoConfig | None:
    config = plan.config
    if not (bit_rate := config.get("bit_rate")):
        return None
    width, height = _size(config.get("resolution"), is_wide=_view(plan) == "LANDSCAPE")
    video: api.VideoConfig = {
        "codec": "H264",
        "bitrate": cast("int", _kilobits(bit_rate)),
        "width": width,
        "height": height,
        "frame_rate": "25",
    }
    if config.get("subtitles") is not None:
        video["is_subtitle_enable"] = bool(config["subtitles"])
    return video


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
