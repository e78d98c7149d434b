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


class AgainForm(VersionForm):
    key = forms.CharField(max_length=64)


class PressForm(forms.Form):
    """When a key went down, in milliseconds since 1970 by the server's clock."""

    pressed = forms.IntegerField(required=False, min_value=1, max_value=4_102_444_800_000)
