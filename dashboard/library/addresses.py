"""Where a vendor fetches a clip: a signed address that ends, for this clip alone."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from dashboard.vendors.abilities import can_be_reached
from dashboard.vendors.models import VendorAccount

#: A held-back clip may wait for long behind others; a leaked address must not live for ever.
VALID_S = 6 * 3600
_SALT = "library.clip"


def fetch_url(clip_id: int, account: VendorAccount) -> str:
    """Empty where the account's vendor could not reach this console."""
    if not can_be_reached(account):
        return ""
    token = signing.TimestampSigner(salt=_SALT).sign(str(clip_id))
    return str(settings.PUBLIC_URL) + reverse("library:fetch_clip", args=[token])


def clip_of(token: str) -> int | None:
    """The clip that `token` opens; None where it was not signed here, or ended."""
    try:
        return int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=VALID_S))
    except (signing.BadSignature, ValueError):
        return None
