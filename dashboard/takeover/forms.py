"""What a takeover asks for. The text's limits are the vendor's; the service names them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.takeover.models import Kind
from dashboard.takeover.order import To
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish
from dashboard.vendors.port import Role

#: More paragraphs than any script may have; what is beyond is no script.
MOST_EDITED = 2_000

#: Items that one press may cancel.
MOST_ITEMS = 200


class SayForm(forms.Form):
    text = forms.CharField(strip=False, max_length=131_072, required=False)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in (Kind.TEXT, Kind.SSML, Kind.AUDIO)], required=False)
    clip = forms.IntegerField(required=False, min_value=1)
    mode = forms.ChoiceField(choices=Mode.choices)
    role = forms.ChoiceField(choices=[(role, role) for role in Role], required=False)
    key = forms.CharField(max_length=64)
    answers = forms.IntegerField(required=False, min_value=1)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == Kind.AUDIO and not data.get("clip") and "clip" not in self.errors:
            self.add_error("clip", _("Choose a clip first."))
        if data.get("kind") != Kind.AUDIO and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what the host should say."))
        return data

    def wish(self) -> Wish:
        data = self.cleaned_data
        params = {"role": data["role"]} if data["role"] == Role.CO_STREAMER else {}
        if data["kind"] == Kind.AUDIO:
            params["clip"] = data["clip"]
        return Wish(
            data["text"],
            Mode(data["mode"]),
            kind=Kind(data["kind"] or Kind.TEXT),
            params=params,
            cause_event_id=data["answers"],
        )


class VersionForm(forms.Form):
    """Which version of the item the page showed when somebody decided."""

    version = forms.IntegerField(required=False, min_value=1)


class ApproveForm(forms.Form):
    """Nobody approves what they have not seen: the version is no choice here."""

    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(required=False, max_length=200)


class MoveForm(VersionForm):
    """Where an item goes, relative to the queue or to the item `beside`."""

    to = forms.ChoiceField(choices=[(to.value, to.value) for to in To])
    beside = forms.IntegerField(required=False, min_value=1)


class ItemsForm(forms.Form):
    """Several items by their ids, as they were chosen on the page."""

    items = forms.CharField(max_length=4000)

    def clean_items(self) -> list[int]:
        parts = str(self.cleaned_data["items"]).replace(",", " ").split()
        if not parts or len(parts) > MOST_ITEMS or not all(part.isdecimal() and len(part) < 19 for part in parts):
            raise forms.ValidationError(_("Choose the items to cancel first."))
        return [int(part) for part in parts]


class AgainForm(VersionForm):
    key = forms.CharField(max_length=64)


class EditedLines(forms.Form):
    """A whole script as its page sends it: of each paragraph its row (0 for a new one), scene, title and text."""

    version = forms.IntegerField(min_value=1)
    saves_room = forms.BooleanField(required=False)

    def lines(self) -> list[tuple[int | None, int, str, str]]:
        """In their order, with the form's own faults already told by `is_valid`."""
        return self._lines

    def clean(self) -> dict[str, object]:
        names = ("line", "scene", "title", "text")
        columns = [self.data.getlist(name) for name in names]  # type: ignore[attr-defined]
        if len({len(column) for column in columns}) != 1 or len(columns[0]) > MOST_EDITED:
            raise forms.ValidationError("uneven")
        self._lines: list[tuple[int | None, int, str, str]] = []
        for pk, scene, title, text in zip(*columns, strict=True):
            if not (pk.isdecimal() and scene.isdecimal() and len(pk) < 19 and len(scene) < 5):
                raise forms.ValidationError("no number")
            words = text.replace("\r\n", "\n").strip()
            self._lines.append((int(pk) or None, int(scene) or 1, title.strip()[:120], words))
        return super().clean() or {}


class PressForm(forms.Form):
    """When a key went down, in milliseconds since 1970 by the server's clock."""

    pressed = forms.IntegerField(required=False, min_value=1, max_value=4_102_444_800_000)
