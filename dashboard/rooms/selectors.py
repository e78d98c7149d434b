"""Reads of rooms, in a bounded number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team
from dashboard.rooms.models import Room, ScriptItem
from dashboard.vendors.models import Health, VendorKind


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a room can't go live. `field` names the form field that mends it."""

    text: str
    field: str
    blocks: bool = True


def rooms_of(team: Team) -> QuerySet[Room]:
    return Room.objects.filter(team=team, archived_at=None).select_related("account")


def search(team: Team, *, words: str = "", vendor: str = "", account_id: int | None = None) -> QuerySet[Room]:
    """Rooms of a team whose code or name holds `words`, by code."""
    found = rooms_of(team)
    if words := words.strip():
        found = found.filter(Q(code__istartswith=words) | Q(name__icontains=words))
    if vendor:
        found = found.filter(account__vendor=vendor)
    if account_id:
        found = found.filter(account_id=account_id)
    return found.order_by("code")


def script_of(room: Room) -> list[ScriptItem]:
    return list(ScriptItem.objects.filter(scene__room=room).select_related("scene").order_by("scene__no", "no"))


def launch_problems(room: Room) -> list[Problem]:
    """What stands in the way of a start, in human sentences; empty means go."""
    problems = []
    if room.archived_at is not None:
        problems.append(Problem(_("This room was removed from the list."), ""))
    account = room.account
    if account.archived_at is not None:
        problems.append(Problem(_("The vendor account of this room was removed."), "account"))
    if account.health == Health.REFUSED:
        problems.append(
            Problem(_("The vendor refuses the credential of %(name)s.") % {"name": account.name}, "account")
        )
    if not ScriptItem.objects.filter(scene__room=room).exists():
        problems.append(Problem(_("The script has no paragraph yet."), "script"))
    if account.vendor == VendorKind.SOFTSUGAR and not room.config.get("file_id"):
        problems.append(Problem(_("The digital human's file ID is missing."), "file_id"))
    if account.vendor == VendorKind.METASTUDIO and not room.vendor_ref:
        text = _("MetaStudio does not hold this room yet; it is created there in a moment.")
        if room.push_error:
            text = _("MetaStudio refused to create this room. Save it again to try once more.")
        problems.append(Problem(text, ""))
    return problems
