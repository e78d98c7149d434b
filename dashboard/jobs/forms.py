"""What starting and stopping a job asks for."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class StartForm(forms.Form):
    key = forms.CharField(max_length=64)


class StopForm(forms.Form):
    """Stopping ends a broadcast: the room's code is typed, and a reason is kept."""

    word = forms.CharField(max_length=8)
    reason = forms.CharField(max_length=200, error_messages={"required": _("Write why; it is kept in the audit.")})

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._code = code

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"]).strip().upper()
        if word != self._code.upper():
            raise forms.ValidationError(
                _("Type %(code)s to confirm. Nothing was stopped."), params={"code": self._code}
            )
        return word


class AdoptForm(forms.Form):
    """Which room takes the job over; empty: a new one."""

    room = forms.CharField(max_length=8, required=False)

    def clean_room(self) -> str:
        return str(self.cleaned_data["room"]).strip().upper()


#: Files that one call names.
MOST_FILES = 50
MOST_OUTPUTS = 3
LONGEST_LAYER = 20_000
_ADDRESS = re.compile(r"^rtmps?://[^\s/]+/\S*$")


class LayerForm(forms.Form):
    """SHOW_LAYER takes an object that is documented nowhere: it is checked to be one, and sent as it is."""

    layer = forms.CharField(max_length=LONGEST_LAYER, error_messages={"required": _("Write the layer as JSON.")})

    def clean_layer(self) -> dict[str, Any]:
        try:
            value = json.loads(self.cleaned_data["layer"])
            kept = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is not JSON. Nothing was sent.")) from error
        if rb"\u0000" in kept:  # PostgreSQL keeps no such character
            raise forms.ValidationError(_("This is not JSON. Nothing was sent."))
        if not isinstance(value, dict) or not value:
            raise forms.ValidationError(_("A layer is a JSON object with at least one key. Nothing was sent."))
        return value


class PreloadForm(forms.Form):
    ids = forms.CharField(max_length=8_000, error_messages={"required": _("Name at least one file ID.")})

    def clean_ids(self) -> list[str]:
        files = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", self.cleaned_data["ids"]))))
        if not files:
            raise forms.ValidationError(_("Name at least one file ID."))
        if len(files) > MOST_FILES or any(len(one) > 128 for one in files):
            raise forms.ValidationError(
                _("At most %(most)d file IDs of up to 128 characters each."), params={"most": MOST_FILES}
            )
        return files


class RulesForm(forms.Form):
    rule_set = forms.IntegerField(min_value=1, error_messages={"required": _("Choose a rule set.")})
    version = forms.IntegerField(min_value=1, required=False)


class OutputForm(StopForm):
    """Swapping where the stream goes can take it off the platform: the room's code is typed, and a reason is kept."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        urls = [url.strip() for url in self.data.getlist("url")]  # type: ignore[attr-defined]
        keys = self.data.getlist("key")  # type: ignore[attr-defined]
        keys = [*keys, *[""] * len(urls)]
        pairs = [(url, key.strip()) for url, key in zip(urls, keys, strict=False) if url]
        if not pairs or len(pairs) > MOST_OUTPUTS:
            raise forms.ValidationError(_("Give one to three RTMP addresses. Nothing was changed."))
        for url, key in pairs:
            if not _ADDRESS.match(url) or len(url) > 500 or len(key) > 500:
                raise forms.ValidationError(
                    _("An RTMP address starts with rtmp:// or rtmps:// and names a host and a path.")
                )
        data["outputs"] = pairs
        return data
