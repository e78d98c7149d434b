"""Reads of vendor accounts."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from dashboard.accounts.models import Team
from dashboard.vendors.models import Decision, UnclaimedSession, VendorAccount

MOST_UNCLAIMED = 20
#: What only those need who call a vendor: to decrypt them costs time where many accounts are shown.
SECRETS = ("credential", "token", "callback_key")


def accounts_of(team: Team) -> QuerySet[VendorAccount]:
    """With how many jobs each runs that nobody here started."""
    nobodys = Count("unclaimed_sessions", filter=Q(unclaimed_sessions__decision=""))
    found = VendorAccount.objects.filter(team=team, archived_at=None)
    return found.annotate(unclaimed_count=nobodys).order_by("name")


def unclaimed(team: Team) -> QuerySet[UnclaimedSession]:
    """Jobs that a vendor runs and nobody here started; also those that somebody wants ended, until they are gone."""
    found = UnclaimedSession.objects.filter(account__team=team).exclude(decision=Decision.ADOPT)
    read = found.select_related("account").defer(*(f"account__{name}" for name in SECRETS))
    return read.order_by("first_seen_at", "pk")


def unclaimed_count(team_id: int) -> int:
    """How many of them wait for somebody's decision."""
    return UnclaimedSession.objects.filter(account__team_id=team_id, decision="").count()
