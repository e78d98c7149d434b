"""Reading the JSON inside JSON of SoftSugar: the live script at create and the control script later.

Four file ids are reserved to rehearse failures: see `CREATE_FAILS`, `INIT_FAILS`, `UNDECODABLE`, `MISSING`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_object

PRO = "SuperLiveRoomPro"

CREATE_FAILS = "sandbox-create-fails"
"""As file_id or face_feature_id of the digital human: create itself answers with status 9 (004:57)."""
INIT_FAILS = "sandbox-init-fails"
"""As file_id or face_feature_id of the digital human: the session ends with 99 instead of 35."""
UNDECODABLE = "sandbox-undecodable"
"""As a file of a control command: 54 (video) or 55; as a preheated file: 73."""
MISSING = "sandbox-missing"
"""Never accepted as a digital human, even when preheated: 53."""

RECEIVED, NOT_JSON, NO_ROLE, NO_VIDEO, OTHER_ERROR = 51, 52, 53, 54, 55
VIDEO = 1
MOST_LAYERS = {0: 40, VIDEO: 2, 2: 40}
"""Pictures, videos and gifs in the foreground (004:756)."""

CANVAS = (1080, 1920)
LARGEST_OVER_RTC, LARGEST_OVER_RTMP = CANVAS, (1080, 2280)
"""Shorter and longer side (004:597, B13)."""


class BadScript(ValueError):
    """The param cannot be used; the text says why."""


@dataclass(slots=True)
class LiveScript:
    is_pro: bool = False
    role: str = ""
    roles: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    notify: dict[str, list[int]] = field(default_factory=dict)
    resolution: list[int] = field(default_factory=lambda: list(CANVAS))

    @property
    def fails_at_once(self) -> bool:
        return CREATE_FAILS in self.roles

    @property
    def fails_to_start(self) -> bool:
        return INIT_FAILS in self.roles


def read_live_script(param: str) -> LiveScript:
    """Parse and check `param` of create against 004:596-657; the older printed example (004:46) is accepted (B41)."""
    value = _object(param)
    problems = check_object(contract("softsugar"), "LiveScript", value)
    if problems:
        raise BadScript("; ".join(str(problem) for problem in problems[:5]))
    scenes = value.get("sceneList")
    if not scenes:
        raise BadScript("sceneList needs one scene")
    script = LiveScript(is_pro=value.get("live_type") == PRO, files=list(value.get("file_preload_list") or []))
    script.resolution = _resolution(value)
    _read_scene(script, scenes[0])
    return script


def _resolution(value: dict[str, Any]) -> list[int]:
    """Either side may be the longer one; how large it may be depends on the way out (004:597)."""
    wanted = list(value.get("resolution") or CANVAS)
    is_pushed = bool((value.get("streaming_param") or {}).get("rtmp_url"))
    largest = LARGEST_OVER_RTMP if is_pushed else LARGEST_OVER_RTC
    if any(side > most for side, most in zip(sorted(wanted), largest, strict=True)):
        raise BadScript(f"resolution is at most {largest[0]}*{largest[1]} here")
    return wanted


def _read_scene(script: LiveScript, scene: dict[str, Any]) -> None:
    """Only the first scene counts (004:605)."""
    main = scene.get("digital_role")
    if not isinstance(main, dict):
        raise BadScript("sceneList[0].digital_role is missing")
    names = [str(main[key]) for key in ("file_id", "face_feature_id") if main.get(key)]
    if not names:
        raise BadScript("digital_role needs face_feature_id or file_id")
    script.role = names[0]
    script.roles.extend(names)
    for other in scene.get("digital_role_sublist") or []:
        file_id = str(other.get("file_id") or "")
        if file_id:
            script.roles.append(file_id)
            script.notify[file_id] = sorted(int(frame) for frame in other.get("notify_frame") or [])


@dataclass(slots=True)
class Control:
    status: int
    role: str = ""
    start: int = 0


def read_control(param: str, known: list[str], resolution: list[int]) -> Control:
    """What a control command would do: its commandStatus (004:193), and the digital human it switches to."""
    try:
        value = _object(param)
    except BadScript:
        return Control(NOT_JSON)
    if isinstance(value.get("digital_role"), str):
        # The table says object, both printed examples say string (B10).
        value = {**value, "digital_role": {"file_id": value["digital_role"]}}
    if check_object(contract("softsugar"), "ControlScript", value) or not _fits(value, resolution):
        return Control(OTHER_ERROR)
    role = str((value.get("digital_role") or {}).get("file_id") or "")
    start = int((value.get("digital_role") or {}).get("start") or 0)
    if role and (role not in known or role == MISSING):
        return Control(NO_ROLE)
    for layer in _layers(value):
        if layer.get("file_id") == UNDECODABLE:
            return Control(NO_VIDEO if layer.get("type") == VIDEO else OTHER_ERROR)
    return Control(RECEIVED, role, start)


def _fits(value: dict[str, Any], resolution: list[int]) -> bool:
    """What the table says in words, between two keys or about many rows (004:754, 756, 774)."""
    role, kinds = value.get("digital_role") or {}, [layer.get("type") or 0 for layer in value.get("foregrounds") or []]
    if role.get("end") is not None and role["end"] <= (role.get("start") or 0):
        return False
    rect = (value.get("backgrounds") or {}).get("rect")
    if rect and rect[2:] != resolution:
        return False
    return all(kinds.count(kind) <= most for kind, most in MOST_LAYERS.items())


def _layers(value: dict[str, Any]) -> list[dict[str, Any]]:
    background = value.get("backgrounds")
    return [*(value.get("foregrounds") or []), *([background] if background else [])]


def _object(param: str) -> dict[str, Any]:
    try:
        value = json.loads(param)
    except (ValueError, RecursionError) as error:
        raise BadScript("param is not JSON") from error
    if not isinstance(value, dict):
        raise BadScript("param is not a JSON object")
    return value
