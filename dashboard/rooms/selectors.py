"""Reads of rooms, in a bounded number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team
from dashboard.events.kinds import AUDIENCE
from dashboard.events.models import Event
from dashboard.rooms.models import Room, RuleSet, ScriptItem
from dashboard.vendors.models import Health, VendorKind
from dashboard.vendors.selectors import SECRETS as OF_ACCOUNT

#: A list names this many rooms of a rule set, and counts the others.
ROOMS_NAMED = 24


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a room can't go live. `field` names the form field that mends it."""

    text: str
    field: str
    blocks: bool = True


#: Of a room and its account: what only those need who call a vendor.
SECRETS = ("stream_key", *(f"account__{name}" for name in OF_ACCOUNT))


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
    return found.defer(*SECRETS).order_by("code")


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


def rule_sets_of(team: Team) -> QuerySet[RuleSet]:
    """Rule sets by name, each with how many rooms on the lists use it, and the first of them by code."""
    rooms = Room.objects.filter(archived_at=None).only("pk", "code", "name", "rule_set").order_by("code")
    named = Prefetch("rooms", queryset=rooms[:ROOMS_NAMED], to_attr="named_rooms")
    found = RuleSet.objects.filter(team=team).annotate(room_count=Count("rooms", filter=Q(rooms__archived_at=None)))
    return found.prefetch_related(named).order_by("name", "pk")


def rooms_using(rule_set: RuleSet) -> list[Room]:
    """Rooms that have this set, archived ones too: they may come back."""
    return list(Room.objects.filter(rule_set=rule_set).select_related("account").order_by("code"))


def latest_audience(room: Room, *, limit: int) -> list[Event]:
    """What the audience of a room did last, in any of its jobs, oldest first."""
    found = Event.objects.filter(sequence__topic=room.topic, kind__in=sorted(AUDIENCE)).order_by("-seq")
    return list(found[:limit])[::-1]


def rooms_with_an_audience(team: Team, *, limit: int) -> list[Room]:
    """Rooms that have been started, the one that was started last first: only these can have recorded events."""
    found = Room.objects.filter(team=team, jobs__isnull=False).only("pk", "code", "name")
    return list(found.annotate(last_job=Max("jobs__id")).order_by("-last_job")[:limit])
