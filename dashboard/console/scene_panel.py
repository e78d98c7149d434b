"""The dock's panel that changes the scene: its form, the files that the room knows, and the scenes kept with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from dashboard.rooms.models import Room, ScenePreset
from dashboard.takeover.forms_scene import SceneForm, files_of


@dataclass(frozen=True, slots=True)
class ScenePanel:
    url: str
    keep_url: str
    form: SceneForm
    files: tuple[str, ...]
    presets: tuple[ScenePreset, ...]
    code: str


def scene_panel(room: Room, slug: str) -> ScenePanel:
    return ScenePanel(
        url=reverse("takeover:change_scene", args=[slug, room.code]),
        keep_url=reverse("takeover:keep_scene", args=[slug, room.code]),
        form=SceneForm(auto_id="scene-%s"),
        files=tuple(files_of(room)),
        presets=tuple(room.presets.all()) if room.account.vendor == "softsugar" else (),
        code=room.code,
    )
