"""What starting and stopping a job asks for."""

from __future__ import annotations

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
