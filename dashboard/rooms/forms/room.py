"""The room form. Its limits come from the vendors' contract."""

from __future__ import annotations

import re
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Team
from dashboard.lib.errors import Invalid
from dashboard.lib.languages import Language
from dashboard.lib.ssml import Tag
from dashboard.rooms.fit import check_fits
from dashboard.rooms.models import Room, RoomDraft, RulesAtVendor, RuleSet
from dashboard.rooms.selectors import script_of
from dashboard.vendors.models import VendorAccount, VendorKind

LONGEST_PARAGRAPH = {VendorKind.METASTUDIO: 131_072, VendorKind.SOFTSUGAR: 5_000}
MOST_PARAGRAPHS = 500
_INPUT = {"class": "input"}
_RESOLUTIONS = [("1080x1920", "1080 × 1920"), ("1920x1080", "1920 × 1080"), ("720x1280", "720 × 1280")]


def _time_zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones()) if "/" in name]


class RoomForm(forms.Form):
    account = forms.ModelChoiceField(
        queryset=VendorAccount.objects.none(),
        label=_("Vendor account"),
        empty_label=_("Choose an account"),
        widget=forms.Select(attrs=_INPUT),
    )
    code = forms.RegexField(
        r"^[A-Za-z0-9]{3,4}$",
        label=_("Code"),
        required=False,
        help_text=_("3 or 4 letters and digits, spoken and typed to confirm. Empty: a free one is chosen."),
        error_messages={"invalid": _("3 or 4 letters and digits, for example K7Q.")},
        widget=forms.TextInput(attrs={**_INPUT, "maxlength": 4, "autocapitalize": "characters"}),
    )
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs=_INPUT))
    language = forms.ChoiceField(
        label=_("Language of the host"),
        choices=Language.choices,
        initial=Language.CHINESE,
        widget=forms.Select(attrs=_INPUT),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_time_zones, initial="Asia/Shanghai", widget=forms.Select(attrs=_INPUT)
    )
    paragraphs = forms.CharField(
        label=_("Script"),
        required=False,
        strip=False,
        max_length=600_000,
        help_text=_(
            "One paragraph each, an empty line between two. SoftSugar speaks at least 10 characters at a time."
        ),
        widget=forms.Textarea(attrs={**_INPUT, "rows": 12}),
    )
    repeat_script = forms.BooleanField(
        label=_("Repeat the script until the job is stopped"), required=False, initial=True
    )
    output_url = forms.CharField(
        label=_("RTMP address"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={**_INPUT, "inputmode": "url"}),
    )
    stream_key = forms.CharField(
        label=_("Stream key"),
        max_length=500,
        required=False,
        help_text=_("Kept encrypted and never shown again. Empty: the one that is stored stays."),
        widget=forms.PasswordInput(attrs={**_INPUT, "autocomplete": "off"}),
    )
    file_id = forms.CharField(
        label=_("Digital human's file ID (SoftSugar)"),
        max_length=128,
        required=False,
        widget=forms.TextInput(attrs=_INPUT),
    )
    resolution = forms.ChoiceField(
        label=_("Resolution"), choices=_RESOLUTIONS, initial="1080x1920", widget=forms.Select(attrs=_INPUT)
    )
    model_asset_id = forms.CharField(
        label=_("Avatar asset ID (MetaStudio)"), max_length=128, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    voice_asset_id = forms.CharField(
        label=_("Voice asset ID (MetaStudio)"), max_length=128, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    co_voice_asset_id = forms.CharField(
        label=_("Co-host's voice asset ID (MetaStudio)"),
        max_length=128,
        required=False,
        help_text=_("A second voice that speaks from the desk while the host is silent. Empty: there is none."),
        widget=forms.TextInput(attrs=_INPUT),
    )
    voice_lacks = forms.MultipleChoiceField(
        label=_("Tags that the voice does not know (MetaStudio)"),
        choices=[(tag, f"<{tag}>") for tag in Tag],
        required=False,
        help_text=_("The asset's details say it. They are taken out before the words go, and the queue says so."),
        widget=forms.CheckboxSelectMultiple,
    )
    rule_set = forms.ModelChoiceField(
        queryset=RuleSet.objects.none(),
        label=_("Interaction rules"),
        required=False,
        empty_label=_("None: nobody is answered by rule"),
        help_text=_("MetaStudio answers the audience by them itself; for SoftSugar Talkback does."),
        widget=forms.Select(attrs=_INPUT),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, team: Team, room: Room | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = room
        account = cast("forms.ModelChoiceField[VendorAccount]", self.fields["account"])
        account.queryset = VendorAccount.objects.filter(team=team, archived_at=None).order_by("name")
        rules = cast("forms.ModelChoiceField[RuleSet]", self.fields["rule_set"])
        rules.queryset = RuleSet.objects.filter(team=team).order_by("name")
        if room is not None:
            account.disabled = self.fields["code"].disabled = True
            if room.rules_at_vendor == RulesAtVendor.THEIRS:
                rules.empty_label = _("Those that the room has at MetaStudio already")

    def clean_output_url(self) -> str:
        url = str(self.cleaned_data["output_url"]).strip()
        if url and not re.match(r"^rtmps?://[^\s/]+/\S*$", url):
            raise forms.ValidationError(
                _("An RTMP address starts with rtmp:// or rtmps:// and names a host and a path.")
            )
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        account = data.get("account")
        if account is None:
            return data
        if account.vendor == VendorKind.SOFTSUGAR and not data.get("file_id"):
            self.add_error("file_id", _("SoftSugar needs the file ID of the digital human."))
        try:
            check_fits(account.vendor, data.get("rule_set"))
        except Invalid as refusal:
            self.add_error("rule_set", refusal.message)
        if account.vendor == VendorKind.METASTUDIO:
            for name in ("model_asset_id", "voice_asset_id"):
                if not data.get(name):
                    self.add_error(name, _("MetaStudio needs this asset's ID."))
        self._check_script(data, VendorKind(account.vendor))
        return data

    def _check_script(self, data: dict[str, Any], vendor: VendorKind) -> None:
        paragraphs = split_script(str(data.get("paragraphs", "")))
        if len(paragraphs) > MOST_PARAGRAPHS:
            text = _("At most %(most)d paragraphs; these are %(count)d.")
            self.add_error("paragraphs", text % {"most": MOST_PARAGRAPHS, "count": len(paragraphs)})
        for number, paragraph in enumerate(paragraphs, start=1):
            if len(paragraph) > LONGEST_PARAGRAPH[vendor]:
                text = _("Paragraph %(number)d has %(count)d characters; %(vendor)s takes %(most)d at once.")
                values = {
                    "number": number,
                    "count": len(paragraph),
                    "most": LONGEST_PARAGRAPH[vendor],
                    "vendor": vendor.label,
                }
                self.add_error("paragraphs", text % values)
                return

    def draft(self) -> RoomDraft:
        data = self.cleaned_data
        names = (
            ("file_id", "resolution")
            if data["account"].vendor == VendorKind.SOFTSUGAR
            else (
                "model_asset_id",
                "voice_asset_id",
                "co_voice_asset_id",
                "voice_lacks",
                "resolution",
            )
        )
        return RoomDraft(
            account=data["account"],
            code=data["code"],
            name=data["name"].strip(),
            language=data["language"],
            time_zone=data["time_zone"],
            paragraphs=split_script(data["paragraphs"]),
            config={name: data[name] for name in names},
            output_url=data["output_url"],
            stream_key=data["stream_key"],
            repeat_script=data["repeat_script"],
            rule_set=data["rule_set"],
        )


def split_script(text: str) -> tuple[str, ...]:
    """Paragraphs between empty lines."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return tuple(part.strip() for part in parts if part.strip())


def initial_of(room: Room) -> dict[str, Any]:
    """What the form shows of a stored room; never its stream key."""
    return {
        "account": room.account_id,
        "code": room.code,
        "name": room.name,
        "language": room.language,
        "time_zone": room.time_zone,
        "paragraphs": "\n\n".join(item.text for item in script_of(room)),
        "repeat_script": room.repeat_script,
        "rule_set": room.rule_set_id,
        "output_url": room.output_url,
        "version": room.version,
        **{name: room.config.get(name, "") for name in ("file_id", "resolution", "model_asset_id", "voice_asset_id")},
        "co_voice_asset_id": room.config.get("co_voice_asset_id", ""),
        "voice_lacks": room.config.get("voice_lacks", []),
    }
