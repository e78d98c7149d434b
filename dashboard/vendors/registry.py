"""Account → gateway: the only importer of the vendors' packages. Only `live/` may open this door."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from dashboard.lib.clock import Clock
from dashboard.vendors.limits import SharedLimiter
from dashboard.vendors.metastudio.callbacks import MetaStudioCallbackReader
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.models import VendorAccount, VendorKind
from dashboard.vendors.port import CallbackReader, Credential, Gateway, Vendor
from dashboard.vendors.softsugar.callbacks import SoftSugarCallbackReader
from dashboard.vendors.softsugar.gateway import SoftSugarGateway


class AddressRefused(ValueError):
    """The account's address is plain http to a host that is not listed as local."""


def credential_of(account: VendorAccount) -> Credential:
    """The account's secrets, decrypted. Raises `AddressRefused` for an address that must not be called."""
    check_address(account.base_url)
    secrets = account.secrets_kept
    return Credential(
        vendor=Vendor(account.vendor),
        base_url=account.base_url.rstrip("/"),
        region=account.region,
        project_id=account.project_ref,
        access_key=secrets.get("access_key", ""),
        secret_key=secrets.get("secret_key", ""),
        token=secrets.get("token", ""),
        iam_url=secrets.get("iam_url", ""),
        iam_user=secrets.get("iam_user", ""),
        iam_domain=secrets.get("iam_domain", ""),
        iam_password=secrets.get("iam_password", ""),
        command_channel=bool(account.capabilities.get("command_channel")),
        newer_calls=bool(account.capabilities.get("newer_calls")),
        silent_clip_url=str(account.capabilities.get("silent_clip_url", "")),
    )


def check_address(url: str) -> None:
    """https everywhere; plain http only to hosts that the operator of this console listed as local."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in settings.LOCAL_HOSTS:
        return
    raise AddressRefused(f"{parts.scheme}://{parts.hostname} is not an https address")


def make_gateway(account: VendorAccount, clock: Clock) -> Gateway:
    """A gateway for `account`. Keep it for the life of the process: a new client costs 22 ms."""
    credential, limiter = credential_of(account), SharedLimiter(account, clock)
    if account.vendor == VendorKind.SOFTSUGAR:
        return SoftSugarGateway(credential, limiter=limiter, clock=clock)
    return MetaStudioGateway(credential, limiter=limiter, clock=clock)


_READERS: dict[str, CallbackReader] = {
    VendorKind.SOFTSUGAR: SoftSugarCallbackReader(),
    VendorKind.METASTUDIO: MetaStudioCallbackReader(),
}


def callback_reader(vendor: str) -> CallbackReader:
    return _READERS[vendor]
