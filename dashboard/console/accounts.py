"""A vendor account as its page shows it: health, what it can do and why not, what is stored, never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console.facts import POLLED_LIMITS
from dashboard.vendors.abilities import LABELS, offers
from dashboard.vendors.models import Health, VendorAccount, VendorKind
from dashboard.vendors.said import Said, said

MASK = "••••"


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing the account can do (`on`) or not, with the reason and the nearest way."""

    name: str
    on: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    label: str
    shown: str


@dataclass(frozen=True, slots=True)
class Card:
    id: int
    seq: int
    topic: str
    name: str
    vendor: str
    region: str
    address: str
    project: str
    url: str
    test_url: str
    import_url: str
    health: str
    health_word: str
    tone: str
    error: Said
    at: datetime | None
    fresh: str
    limits: str
    skew: str
    skew_warning: str
    secrets: tuple[Secret, ...]
    capabilities: tuple[Capability, ...]
    callback_url: str
    callbacks_refused: int
    callback_refused_at: datetime | None
    is_sandbox: bool
    unclaimed: int
    jobs_url: str


_TONES = {Health.OK: "ok", Health.REFUSED: "crit", Health.UNREACHABLE: "warn", Health.UNTESTED: "idle"}


def card_of(number: int, seq: int) -> Card | None:
    account = VendorAccount.objects.select_related("team").filter(pk=number).first()
    return card(account, account.team.slug, seq) if account is not None else None


def card(account: VendorAccount, slug: str, seq: int) -> Card:
    vendor = VendorKind(account.vendor)
    holds_rooms = vendor == VendorKind.METASTUDIO
    return Card(
        id=account.pk,
        seq=seq,
        topic=account.topic,
        name=account.name,
        vendor=str(vendor.label),
        region=account.region,
        address=account.base_url,
        project=account.project_ref,
        url=reverse("vendors:detail", args=[slug, account.pk]),
        test_url=reverse("vendors:test", args=[slug, account.pk]),
        import_url=reverse("vendors:import_rooms", args=[slug, account.pk]) if holds_rooms else "",
        health=account.health,
        health_word=str(Health(account.health).label),
        tone=_TONES[Health(account.health)],
        error=said(account.health_error, account.vendor, slug),
        at=account.poll_ok_at or account.health_at,
        fresh=f"account:{account.pk}",
        limits=POLLED_LIMITS,
        skew=_("%(seconds)+.1f s") % {"seconds": account.clock_skew_ms / 1000}
        if account.clock_skew_ms is not None
        else "",
        skew_warning=_(
            "The clocks are 5 s or more apart. Set this server's (NTP): beyond 15 minutes signatures are refused."
        )
        if account.is_clock_off
        else "",
        secrets=_secrets(account),
        capabilities=_capabilities(account),
        callback_url=_callback_url(account),
        callbacks_refused=account.callbacks_refused,
        callback_refused_at=account.callback_refused_at,
        is_sandbox=account.is_sandbox,
        unclaimed=_unclaimed(account),
        jobs_url=reverse("console:jobs", args=[slug]) + "#ghosts",
    )


def _unclaimed(account: VendorAccount) -> int:
    """How many jobs it runs that nobody here started; a list has counted them for all its accounts at once."""
    counted: int | None = getattr(account, "unclaimed_count", None)
    return account.unclaimed_sessions.filter(decision="").count() if counted is None else counted


def _secrets(account: VendorAccount) -> tuple[Secret, ...]:
    """Which secrets are stored; only the last four characters of the access key, which is no secret, are told."""
    labels = {
        "access_key": _("Access key"),
        "secret_key": _("Secret key"),
        "token": _("Platform token"),
        "iam_password": _("IAM password"),
        "rtc_service": _("RTC token service"),
    }
    stored = account.secrets_kept
    shown = []
    for name, label in labels.items():
        if value := stored.get(name, ""):
            shown.append(Secret(label, f"{MASK}{value[-4:]}" if name == "access_key" else MASK))
    return tuple(shown)


def _callback_url(account: VendorAccount) -> str:
    """SoftSugar's staff enter this address by hand; MetaStudio gets one with each job."""
    if account.vendor != VendorKind.SOFTSUGAR or not settings.PUBLIC_URL:
        return ""
    return settings.PUBLIC_URL + reverse("intake:account_callback", args=[account.callback_slug])


def _capabilities(account: VendorAccount) -> tuple[Capability, ...]:
    table = offers(account)
    return tuple(Capability(str(LABELS[ability]), one.is_offered, str(one.note)) for ability, one in table.items())
