"""What starting a rehearsal and turning the sandbox's knobs ask for."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Team
from dashboard.rehearsal.faults import GROUPS, KINDS, FaultDraft
from dashboard.rehearsal.scenarios import BY_SLUG, Scenario
from dashboard.rehearsal.selectors import rooms_on_air, sandbox_accounts, sandbox_rooms
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount

SURPRISE = "surprise"
SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)
RATES = (0.0, 1.5, 10.0, 40.0)
_SPANS = [
    ("10", _("10 seconds")),
    ("30", _("30 seconds")),
    ("60", _("1 minute")),
    ("300", _("5 minutes")),
    ("", _("until taken back")),
]
_OFTEN = [("", _("each time")), ("1", _("once")), ("3", _("three times"))]


class StartForm(forms.Form):
    room = forms.ModelChoiceField(queryset=Room.objects.none(), to_field_name="code", label=_("Room"))
    scenario = forms.ChoiceField(label=_("Incident"), initial=SURPRISE)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = cast("forms.ModelChoiceField[Room]", self.fields["room"])
        rooms.queryset = sandbox_rooms(team)
        scenarios = cast(forms.ChoiceField, self.fields["scenario"])
        scenarios.choices = [(SURPRISE, _("Surprise")), *((slug, one.title) for slug, one in BY_SLUG.items())]

    def chosen(self) -> Scenario | None:
        """None: any, and nobody is told which."""
        return BY_SLUG.get(self.cleaned_data["scenario"])


def _groups() -> list[tuple[Any, list[tuple[str, Any]]]]:
    return [
        (name, [(kind, one.title) for kind, one in KINDS.items() if one.group == group])
        for group, name in GROUPS.items()
    ]


class FaultForm(forms.Form):
    """A whole vendor is `account:<id>`, one room `room:<code>`."""

    kind = forms.ChoiceField(label=_("What"), choices=_groups, widget=forms.Select(attrs={"data-fault-kind": True}))
    whom = forms.ChoiceField(label=_("Where"))
    value = forms.FloatField(
        label=_("How much"), required=False, min_value=-86_400, max_value=86_400, help_text=_("Empty: the usual value.")
    )
    for_s = forms.TypedChoiceField(
        label=_("How long"), choices=_SPANS, required=False, coerce=float, empty_value=None, initial="30"
    )
    count = forms.TypedChoiceField(label=_("How often"), choices=_OFTEN, required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._accounts = {f"account:{one.pk}": one for one in sandbox_accounts(team)}
        on_air = rooms_on_air(list(sandbox_rooms(team))).values()
        self._rooms = {f"room:{one.code}": one for one in on_air}
        whom = cast(forms.ChoiceField, self.fields["whom"])
        whom.choices = [
            (_("One room"), [(key, str(room)) for key, room in self._rooms.items()]),
            (_("All rooms of"), [(key, str(account)) for key, account in self._accounts.items()]),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "kind" in data and "whom" in data and KINDS[data["kind"]].vendor not in ("", self.account().vendor):
            self.add_error("whom", _("This vendor cannot fail like that. Choose a room of the other one."))
        return data

    def account(self) -> VendorAccount:
        whom = self.cleaned_data["whom"]
        return self._rooms[whom].account if whom in self._rooms else self._accounts[whom]

    def draft(self) -> FaultDraft:
        data = self.cleaned_data
        kind = KINDS[data["kind"]]
        value = kind.value if data["value"] is None else data["value"]
        return FaultDraft(
            kind=data["kind"],
            room=self._rooms.get(data["whom"]),
            for_s=None if kind.is_instant else data["for_s"],
            count=None if kind.is_instant else data["count"],
            params={kind.param: int(value) if value == int(value) else value}
            if kind.param and value is not None
            else {},
        )


class AccountForm(forms.Form):
    """One of the team's sandbox accounts; all share one sandbox."""

    account = forms.ModelChoiceField(queryset=VendorAccount.objects.none())

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = cast("forms.ModelChoiceField[VendorAccount]", self.fields["account"])
        accounts.queryset = sandbox_accounts(team)


class SpeedForm(AccountForm):
    speed = forms.TypedChoiceField(choices=[(str(one), str(one)) for one in SPEEDS], coerce=float)


class TakeBackForm(AccountForm):
    fault = forms.CharField(required=False, max_length=20)


class AudienceForm(forms.Form):
    rate = forms.TypedChoiceField(choices=[(str(one), str(one)) for one in RATES], coerce=float)
