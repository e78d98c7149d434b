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


def free_place(team_id: int) -> int:
    """The smallest place that no phrase of the team has."""
    taken = set(QuickReply.objects.filter(team_id=team_id).values_list("place", flat=True))
    return next(place for place in range(1, len(taken) + 2) if place not in taken)


def on_the_same_place(reply: QuickReply) -> QuickReply | None:
    """Another phrase with this one's place that stands in some row with it."""
    others = QuickReply.objects.filter(team_id=reply.team_id, place=reply.place).exclude(pk=reply.pk)
    if reply.room_id is not None:
        others = others.filter(Q(room_id=None) | Q(room_id=reply.room_id))
    if reply.language:
        others = others.filter(Q(language="") | Q(language=reply.language))
    return others.first()


def banned_words_of(team_id: int) -> list[tuple[str, str]]:
    """Word and why."""
    return list(BannedWord.objects.filter(team_id=team_id).values_list("word", "why"))


def products_of(team: Team) -> list[Product]:
    return list(Product.objects.filter(team=team))


def clips_of(team: Team) -> QuerySet[Clip]:
    """Those that can be chosen, by name."""
    return Clip.objects.filter(team=team, removed_at=None).order_by("name", "id")
