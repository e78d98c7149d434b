"""What a takeover asks for. The text's limits are the vendor's; the service names them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.takeover.states import Mode


class SayForm(forms.Form):
    text = forms.CharField(
        strip=False, max_length=131_072, error_messages={"required": _("Write what the host should say.")}
    )
    mode = forms.ChoiceField(choices=Mode.choices)
    key = forms.CharField(max_length=64)
    answers = forms.IntegerField(required=False, min_value=1)


class VersionForm(forms.Form):
    """Which version of the item the page showed when somebody decided."""

    version = forms.IntegerField(required=False, min_value=1)


class ApproveForm(forms.Form):
    """Nobody approves what they have not seen: the version is no choice here."""

    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(required=False, max_length=200)


class AgainForm(VersionForm):
    key = forms.CharField(max_length=64)
