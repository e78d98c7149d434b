"""What an author reads whose words no second person let through: who, why, that nothing was heard, what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext as _

from dashboard.lib.languages import Language
from dashboard.takeover.models import APPROVE_WITHIN_S, Takeover
from dashboard.vendors.port import VendorError


def by(name: str, reason: str) -> VendorError:
    def happened() -> str:
        if reason:
            return _("%(name)s returned it: %(reason)s.") % {"name": name, "reason": reason.rstrip(".。")}
        return _("%(name)s returned it.") % {"name": name}

    return VendorError("", _both(happened), _both(lambda: _("Change the words, then say them anew.")))


def too_late(item: Takeover) -> VendorError:
    seconds = APPROVE_WITHIN_S
    if item.approval_due_at is not None and item.approval_asked_at is not None:
        seconds = round((item.approval_due_at - item.approval_asked_at).total_seconds())
    return VendorError(
        "",
        _both(lambda: _("Nobody approved it within %(seconds)d s.") % {"seconds": seconds}),
        _both(lambda: _("Say it once more when somebody is there to approve it.")),
    )


def _both(make: Callable[[], str]) -> tuple[str, str]:
    """As facts keep sentences: in both languages, whoever reads them."""
    with translation.override(Language.ENGLISH):
        english = make()
    with translation.override(Language.CHINESE):
        return english, make()
