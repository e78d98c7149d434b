"""Forms of people: signing in, the team's list, one's own settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboard.accounts.models import LONGEST_KEEP_DAYS, LONGEST_UNDO_S, SHORTEST_KEEP_DAYS, Role
from dashboard.lib.languages import Language


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username", "class": "input"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input"}),
    )
    error_messages = {
        "invalid_login": _(
            "E-mail and password do not belong together. Check both; letters' case matters in the password."
        ),
        "inactive": _("This account is switched off. Ask an admin of your team."),
    }


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"class": "input"}))
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.OPERATOR, widget=forms.Select(attrs={"class": "input"})
    )
    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        help_text=_("For somebody new: at least 10 characters. Who has an account already keeps their own."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input"}, render_value=True),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class UndoForm(forms.Form):
    """How many seconds what is said waits before it leaves, for each role that may speak."""

    operator = forms.IntegerField(label=Role.OPERATOR.label)
    producer = forms.IntegerField(label=Role.PRODUCER.label)
    admin = forms.IntegerField(label=Role.ADMIN.label)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.validators += [MinValueValidator(0), MaxValueValidator(LONGEST_UNDO_S)]
            field.widget = forms.NumberInput(
                attrs={"class": "input", "min": 0, "max": LONGEST_UNDO_S, "inputmode": "numeric"}
            )


class RetentionForm(forms.Form):
    keep_days = forms.IntegerField(
        label=_("Days"),
        min_value=SHORTEST_KEEP_DAYS,
        max_value=LONGEST_KEEP_DAYS,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )


def _time_zones() -> list[tuple[str, str]]:
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc"))
    return [("UTC", "UTC"), *((zone, zone) for zone in zones)]


class SettingsForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, widget=forms.Select(attrs={"class": "input"})
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_time_zones, widget=forms.Select(attrs={"class": "input"})
    )
    letter_keys = forms.BooleanField(
        label=_("Single-letter keys"),
        required=False,
        help_text=_("Off if a voice or switch input presses letters for you."),
    )
