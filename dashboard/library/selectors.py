"""Reads of the library, in a bounded number of queries."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from dashboard.accounts.models import Team
from dashboard.library.models import BannedWord, Clip, Product, QuickReply

#: Keys 1 to 9.
ON_KEYS = 9
ROW = 24


def quick_replies_for(team_id: int, room_id: int, language: str) -> list[QuickReply]:
    """The phrases of one room, in their order: its own and the team's."""
    own = Q(room_id=None) | Q(room_id=room_id)
    spoken = Q(language="") | Q(language=language)
    return list(QuickReply.objects.filter(own, spoken, team_id=team_id)[:ROW])


def banned_words_of(team_id: int) -> list[tuple[str, str]]:
    """Word and why."""
    return list(BannedWord.objects.filter(team_id=team_id).values_list("word", "why"))


def products_of(team: Team) -> list[Product]:
    return list(Product.objects.filter(team=team))


def clips_of(team: Team) -> QuerySet[Clip]:
    """Those that can be chosen, by name."""
    return Clip.objects.filter(team=team, removed_at=None).order_by("name", "id")
