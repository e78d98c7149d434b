"""Which topics a login may see, and whether it still may: two queries per process and second for all open sockets."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.sessions.models import Session

from dashboard.accounts.models import Member, User
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount


def memberships(user_id: int) -> frozenset[int]:
    """The teams whose topics this person may see; every role sees everything of its team."""
    return frozenset(Member.objects.filter(user_id=user_id).values_list("team_id", flat=True))


def visible(topics: Iterable[str], teams: frozenset[int]) -> dict[str, int]:
    """Topic → its team, for those topics that belong to one of `teams`. Unknown and malformed topics are left out."""
    wanted: dict[str, set[int]] = {"room": set(), "account": set(), "team": set()}
    for topic in topics:
        kind, _, number = topic.partition(":")
        if kind in wanted and number.isascii() and number.isdigit() and len(number) < 16:
            wanted[kind].add(int(number))
    found = {f"team:{pk}": pk for pk in wanted["team"] & teams}
    rooms = Room.objects.filter(pk__in=wanted["room"], team_id__in=teams)
    found |= {f"room:{pk}": team for pk, team in rooms.values_list("id", "team_id")} if wanted["room"] else {}
    accounts = VendorAccount.objects.filter(pk__in=wanted["account"], team_id__in=teams)
    found |= {f"account:{pk}": team for pk, team in accounts.values_list("id", "team_id")} if wanted["account"] else {}
    return found


def access_epoch(user_id: int) -> int | None:
    """None where the person may not sign in any more."""
    return User.objects.filter(pk=user_id, is_active=True).values_list("access_epoch", flat=True).first()


def current_epochs(user_ids: set[int]) -> dict[int, int]:
    return dict(User.objects.filter(pk__in=user_ids, is_active=True).values_list("id", "access_epoch"))


def living_sessions(keys: set[str]) -> set[str]:
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    return set(alive.values_list("session_key", flat=True))
