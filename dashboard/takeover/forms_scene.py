"""The form of a change of the scene. Its limits, choices and defaults come from the vendor's contract."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.lib.ranges import range_errors
from dashboard.rooms.models import Room
from dashboard.takeover.states import Mode
from dashboard.vendors.contract.limits import object_field_at
from dashboard.vendors.contract.model import Field

_TYPES = {0: _("picture"), 1: _("video"), 2: _("gif"), 3: _("sound")}
_INPUT = {"class": "input"}
#: The vendor's canvas, which all places are counted on (004:756).
CANVAS = (1080, 1920)


def _number(field: Field, label: Any, *, step: str = "1") -> forms.Field:
    """Whole numbers only where the contract says integer."""
    limits = {"min": field.minimum, "max": field.maximum}
    shown = {key: f"{value:g}" for key, value in limits.items() if value is not None}
    widget = forms.NumberInput(attrs={**_INPUT, "step": step, "inputmode": "decimal", **shown})
    if field.type == "integer":
        least, most = (None if value is None else int(value) for value in limits.values())
        return forms.IntegerField(
            label=label,
            required=False,
            min_value=least,
            max_value=most,
            widget=widget,
            error_messages=range_errors(least, most),
        )
    return forms.FloatField(
        label=label,
        required=False,
        min_value=field.minimum,
        max_value=field.maximum,
        widget=widget,
        error_messages=range_errors(field.minimum, field.maximum),
    )


def _length(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs=_INPUT),
        error_messages=range_errors(1, None),
    )


def _types(field: Field) -> forms.TypedChoiceField:
    choices = [(number, _TYPES[int(number)]) for number in field.enum]
    return forms.TypedChoiceField(
        label=_("Kind"), coerce=int, required=False, choices=choices, widget=forms.Select(attrs=_INPUT)
    )


def _file(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=128, widget=forms.TextInput(attrs={**_INPUT, "list": "scene-files"})
    )


class SceneForm(forms.Form):
    """`change` is the contract's ControlScript of what was filled in."""

    key = forms.CharField(max_length=64)
    text = forms.CharField(
        label=_("Words that go with it"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={**_INPUT, "rows": 2}),
    )
    mode = forms.ChoiceField(choices=Mode.choices, required=False)
    preset = forms.IntegerField(required=False, min_value=1)
    role = _file(_("Digital human"))
    role_scale = _number(object_field_at("softsugar", "ControlScriptDigitalRole", "scale"), _("Size"), step="0.05")
    role_x = _number(object_field_at("softsugar", "ControlScriptDigitalRolePosition", "x"), _("From the left"))
    role_y = _number(object_field_at("softsugar", "ControlScriptDigitalRolePosition", "y"), _("From the top"))
    front = _file(_("Foreground"))
    front_type = _types(object_field_at("softsugar", "ControlScriptForegrounds", "type"))
    front_x = _number(object_field_at("softsugar", "ControlScriptDigitalRolePosition", "x"), _("From the left"))
    front_y = _number(object_field_at("softsugar", "ControlScriptDigitalRolePosition", "y"), _("From the top"))
    front_w = _length(_("Width"))
    front_h = _length(_("Height"))
    front_z = _number(object_field_at("softsugar", "ControlScriptForegrounds", "z_pos"), _("Layer"))
    front_duration = _number(object_field_at("softsugar", "ControlScriptForegrounds", "duration"), _("Frames it stays"))
    front_volume = _number(object_field_at("softsugar", "ControlScriptForegrounds", "volume"), _("Volume, %"))
    back = _file(_("Background"))
    back_type = _types(object_field_at("softsugar", "ControlScriptBackgrounds", "type"))
    bit_rate = _number(
        object_field_at("softsugar", "ControlScript", "change_bit_rate"), _("Bit rate, Mbit/s"), step="0.5"
    )

    def change(self, room: Room) -> dict[str, Any]:
        data = self.cleaned_data
        made: dict[str, Any] = {}
        if role := _role(data):
            made["digital_role"] = role
        if data.get("front"):
            made["foregrounds"] = [_foreground(data)]
        if data.get("back"):
            rect = [0, 0, *resolution_of(room)]
            made["backgrounds"] = {"file_id": data["back"], "type": data.get("back_type") or 0, "rect": rect}
        if data.get("bit_rate"):
            made["change_bit_rate"] = data["bit_rate"]
        return made


def _role(data: dict[str, Any]) -> dict[str, Any]:
    role: dict[str, Any] = {"file_id": data["role"]} if data.get("role") else {}
    if data.get("role_scale") is not None or data.get("role_x") is not None or data.get("role_y") is not None:
        # One of the two alone is ignored by the vendor (004:751).
        role["scale"] = data.get("role_scale") or 1.0
        role["position"] = {"x": data.get("role_x") or 0, "y": data.get("role_y") or 0}
    return role


def _foreground(data: dict[str, Any]) -> dict[str, Any]:
    size = [data.get("front_w") or CANVAS[0], data.get("front_h") or CANVAS[1]]
    layer = {
        "file_id": data["front"],
        "type": data.get("front_type") or 0,
        "rect": [data.get("front_x") or 0, data.get("front_y") or 0, *size],
    }
    named = {"z_pos": "front_z", "duration": "front_duration", "volume": "front_volume"}
    return layer | {name: data[field] for name, field in named.items() if data.get(field) is not None}


def resolution_of(room: Room) -> list[int]:
    wide, _by, high = str(room.config.get("resolution") or "").partition("x")
    return [int(wide), int(high)] if wide.isdecimal() and high.isdecimal() else list(CANVAS)


def files_of(room: Room) -> list[str]:
    """Files that the room knows, to choose from."""
    config = room.config
    others = [str(one.get("file_id") or "") for one in config.get("digital_role_sublist") or ()]
    preloaded = [str(one) for one in config.get("file_preload_list") or ()]
    return list(dict.fromkeys(filter(None, [str(config.get("file_id") or ""), *others, *preloaded])))
