"""Reads of vendor accounts."""

from __future__ import annotations

from django.db.models import QuerySet

from dashboard.accounts.models import Team
from dashboard.vendors.models import UnclaimedSession, VendorAccount

MOST_UNCLAIMED = 20


def accounts_of(team: Team) -> QuerySet[VendorAccount]:
    return VendorAccount.objects.filter(team=team, archived_at=None).order_by("name")


def unclaimed(team: Team) -> list[UnclaimedSession]:
    """Jobs that a vendor runs and nobody here started."""
    found = UnclaimedSession.objects.filter(account__team=team, decision="").select_related("account")
    return list(found.order_by("first_seen_at")[:MOST_UNCLAIMED])
