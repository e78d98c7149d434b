"""Reads of people and teams."""

from __future__ import annotations

from django.db.models import QuerySet

from dashboard.accounts.models import Member, Team, User


def members(team: Team) -> QuerySet[Member]:
    return Member.objects.filter(team=team).select_related("user", "added_by").order_by("role", "user__name")


def member_of(team_id: int, user: User) -> Member | None:
    """The person's membership, with its team."""
    return Member.objects.filter(team_id=team_id, user=user).select_related("team").first()


def first_team(user: User) -> Team | None:
    """Where a person lands after signing in."""
    return Team.objects.filter(members__user=user).order_by("name").first()
