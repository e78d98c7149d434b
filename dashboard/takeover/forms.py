"""What a takeover asks for. The text's limits are the vendor's; the service names them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.takeover.order import To
from dashboard.takeover.states import Mode

#: Items that one press may cancel.
MOST_ITEMS = 200


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


class PressForm(forms.Form):
    """When a key went down, in milliseconds since 1970 by the server's clock."""

    pressed = forms.IntegerField(required=False, min_value=1, max_value=4_102_444_800_000)
