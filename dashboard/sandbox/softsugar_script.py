"""Reading the JSON inside JSON of SoftSugar: the live script at create and the control script later.

Three file ids are reserved to rehearse failures: see `INIT_FAILS`, `UNDECODABLE`, `MISSING`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_object

PRO = "SuperLiveRoomPro"

INIT_FAILS = "sandbox-init-fails"
"""As file_id or face_feature_id of the digital human: the session ends with 99 instead of 35."""
UNDECODABLE = "sandbox-undecodable"
"""As a file of a control command: 54 (video) or 55; as a preheated file: 73."""
MISSING = "sandbox-missing"
"""Never accepted as a digital human, even when preheated: 53."""

RECEIVED, NOT_JSON, NO_ROLE, NO_VIDEO, OTHER_ERROR = 51, 52, 53, 54, 55
VIDEO = 1


class BadScript(ValueError):
    """The param cannot be used; the text says why."""


@dataclass(slots=True)
class LiveScript:
    is_pro: bool = False
    role: str = ""
    roles: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    notify: dict[str, list[int]] = field(default_factory=dict)

    @property
    def fails_to_start(self) -> bool:
        return INIT_FAILS in self.roles


def read_live_script(param: str) -> LiveScript:
    """Parse and check `param` of create against 004:596-657; the older printed example (004:46) is accepted (B41)."""
    value = _object(param)
    problems = check_object(contract("softsugar"), "LiveScript", value)
    if problems:
        raise BadScript("; ".join(str(problem) for problem in problems[:5]))
    live_type = value.get("live_type")
    if live_type not in (None, PRO):
        raise BadScript(f"live_type must be {PRO}")
    scenes = value.get("sceneList")
    if not isinstance(scenes, list) or not scenes or not isinstance(scenes[0], dict):
        raise BadScript("sceneList needs one scene")
    script = LiveScript(is_pro=live_type == PRO, files=[str(one) for one in value.get("file_preload_list") or []])
    _read_scene(script, scenes[0])
    return script


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


def read_control(param: str, known: list[str]) -> Control:
    """What a control command would do: its commandStatus (004:193), and the digital human it switches to."""
    try:
        value = _object(param)
    except BadScript:
        return Control(NOT_JSON)
    role = value.get("digital_role")
    if isinstance(role, str):
        # The table says object, both printed examples say string (B10).
        role, start = role, 0
        value = {**value, "digital_role": {"file_id": role}}
    else:
        start = int((role or {}).get("start") or 0) if isinstance(role, dict) else 0
        role = str((role or {}).get("file_id") or "") if isinstance(role, dict) else ""
    if check_object(contract("softsugar"), "ControlScript", value):
        return Control(OTHER_ERROR)
    if role and (role not in known or role == MISSING):
        return Control(NO_ROLE)
    for layer in _layers(value):
        if layer.get("file_id") == UNDECODABLE:
            return Control(NO_VIDEO if layer.get("type") == VIDEO else OTHER_ERROR)
    return Control(RECEIVED, role, start)


def _layers(value: dict[str, Any]) -> list[dict[str, Any]]:
    backgrounds = value.get("backgrounds") or []
    layers = list(value.get("foregrounds") or [])
    layers.extend(backgrounds if isinstance(backgrounds, list) else [backgrounds])
    return [layer for layer in layers if isinstance(layer, dict)]


def _object(param: str) -> dict[str, Any]:
    try:
        value = json.loads(param)
    except ValueError as error:
        raise BadScript("param is not JSON") from error
    if not isinstance(value, dict):
        raise BadScript("param is not a JSON object")
    return value
