"""The form of a vendor account. Secrets are written, never shown."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dashboard.vendors.models import CallbackCheck, VendorAccount, VendorKind
from dashboard.vendors.port import CallbackProof
from dashboard.vendors.services import AccountDraft

_INPUT = {"class": "input"}
_SECRET = {"class": "input", "autocomplete": "off"}
REGIONS = [
    ("", "—"),
    ("cn-north-4", "CN North-Beijing4"),
    ("cn-east-3", "CN East-Shanghai1"),
    ("ap-southeast-3", "AP-Singapore"),
]
ADDRESSES = {VendorKind.SOFTSUGAR: "https://aigc.softsugar.com"}


class AccountForm(forms.Form):
    vendor = forms.ChoiceField(label=_("Vendor"), choices=VendorKind.choices, widget=forms.Select(attrs=_INPUT))
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs=_INPUT))
    base_url = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("For example https://metastudio.cn-north-4.myhuaweicloud.com or https://aigc.softsugar.com"),
        widget=forms.URLInput(attrs=_INPUT),
    )
    region = forms.ChoiceField(label=_("Region"), choices=REGIONS, required=False, widget=forms.Select(attrs=_INPUT))
    project_ref = forms.CharField(
        label=_("Project ID (MetaStudio)"), max_length=80, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    access_key = forms.CharField(
        label=_("Access key (MetaStudio)"), max_length=200, required=False, widget=forms.TextInput(attrs=_SECRET)
    )
    secret_key = forms.CharField(
        label=_("Secret key (MetaStudio)"), max_length=200, required=False, widget=forms.PasswordInput(attrs=_SECRET)
    )
    token = forms.CharField(
        label=_("Platform token (SoftSugar)"),
        max_length=2000,
        required=False,
        widget=forms.PasswordInput(attrs=_SECRET),
    )
    rtc_service = forms.CharField(
        label=_("Token service of your own RTC application (SoftSugar)"),
        max_length=500,
        required=False,
        help_text=_(
            "Only for rooms whose picture goes through an RTC application of yours. An https address, kept encrypted; "
            "asked before a token ends, it answers with JSON: token, and expires_in in seconds."
        ),
        widget=forms.PasswordInput(attrs=_SECRET),
    )
    callback_key = forms.CharField(
        label=_("Callback AuthKey (SoftSugar)"),
        max_length=200,
        required=False,
        help_text=_("The AuthKey that SoftSugar's staff set for your callbacks."),
        widget=forms.PasswordInput(attrs=_SECRET),
    )
    callback_check = forms.ChoiceField(
        label=_("How callbacks are checked"),
        choices=CallbackCheck.choices,
        initial=CallbackCheck.SIGNATURE,
        widget=forms.Select(attrs=_INPUT),
    )
    callback_proof = forms.ChoiceField(
        label=_("How callbacks are signed"),
        choices=[
            (CallbackProof.HEADER, _("Signed, in the headers")),
            (CallbackProof.QUERY, _("Signed, in the address")),
            (CallbackProof.ADDRESS, _("Not signed: whoever knows the job's address is believed")),
        ],
        initial=CallbackProof.HEADER,
        required=False,
        help_text=_("Holds for jobs that start from now on; callbacks of those that run now may be refused."),
        widget=forms.Select(attrs=_INPUT),
    )
    callback_signs_path = forms.ChoiceField(
        label=_("What their signature covers"),
        choices=[("", _("the whole address")), ("path", _("its path alone"))],
        required=False,
        help_text=_("MetaStudio's documents allow both readings. Switch if all callbacks are refused."),
        widget=forms.Select(attrs=_INPUT),
    )
    silent_clip_url = forms.CharField(
        label=_("Silent clip (MetaStudio)"),
        max_length=500,
        required=False,
        help_text=_("Address of a short silent audio file; Silence plays it where there is no command channel."),
        widget=forms.URLInput(attrs=_INPUT),
    )

    def __init__(self, *args: Any, account: VendorAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account = account
        if account is not None:
            self.fields["vendor"].disabled = True
            for name in ("access_key", "secret_key", "token", "rtc_service", "callback_key"):
                self.fields[name].help_text = _("Empty: what is stored stays.")

    def clean_base_url(self) -> str:
        url = str(self.cleaned_data["base_url"]).strip().rstrip("/")
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname in settings.LOCAL_HOSTS
        if not (parts.scheme == "https" or is_local) or not parts.hostname or parts.username or parts.query:
            raise forms.ValidationError(_("Write an https address without a user or query."))
        return url

    def clean_rtc_service(self) -> str:
        url = str(self.cleaned_data["rtc_service"]).strip()
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname in settings.LOCAL_HOSTS
        if url and not ((parts.scheme == "https" and parts.hostname) or is_local):
            raise forms.ValidationError(_("Write an https address."))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self._account is None or _origin(self._account.base_url) != _origin(str(data.get("base_url", ""))):
            self._require(data)  # stored secrets never go to another host by an edit of the address alone
        project = str(data.get("project_ref", ""))
        if project and not re.fullmatch(r"[A-Za-z0-9_-]+", project):
            self.add_error("project_ref", _("A project ID holds letters, digits, - and _ only."))
        return data

    def _require(self, data: dict[str, Any]) -> None:
        """A new account needs its vendor's credential whole."""
        needed = {
            VendorKind.METASTUDIO: ("project_ref", "access_key", "secret_key"),
            VendorKind.SOFTSUGAR: ("token",),
        }
        vendor = data.get("vendor")
        for name in needed[VendorKind(vendor)] if vendor else ():
            if not data.get(name):
                self.add_error(name, _("This vendor needs it."))

    def draft(self) -> AccountDraft:
        data = self.cleaned_data
        return AccountDraft(
            vendor=data["vendor"],
            name=data["name"].strip(),
            base_url=data["base_url"],
            region=data["region"],
            project_ref=data["project_ref"],
            secrets={name: data[name] for name in ("access_key", "secret_key", "token", "rtc_service")},
            capabilities={
                "silent_clip_url": data["silent_clip_url"],
                "callback_proof": data["callback_proof"] or CallbackProof.HEADER,
                "callback_signs_path": bool(data["callback_signs_path"]),
            },
            callback_check=data["callback_check"],
            callback_key=data["callback_key"],
        )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def initial_of(account: VendorAccount) -> dict[str, Any]:
    return {
        "vendor": account.vendor,
        "name": account.name,
        "base_url": account.base_url,
        "region": account.region,
        "project_ref": account.project_ref,
        "callback_check": account.callback_check,
        "callback_proof": account.callback_proof,
        "callback_signs_path": "path" if account.capabilities.get("callback_signs_path") else "",
        "silent_clip_url": account.capabilities.get("silent_clip_url", ""),
    }
