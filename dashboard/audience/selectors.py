"""Reads of what the audience did and what answered it."""

from __future__ import annotations

from django.db.models import QuerySet

from dashboard.audience.models import RuleDecision
from dashboard.audience.states import Outcome
from dashboard.rooms.models import Room

#: The log's filters.
SHOWN = {
    "fired": (Outcome.FIRED, Outcome.MADE),
    "suppressed": (Outcome.SUPPRESSED,),
    "lost": (Outcome.LOST, Outcome.REFUSED),
}


def decisions_of(room: Room, *, show: str = "") -> QuerySet[RuleDecision]:
    """What the rules of a room decided in any of its jobs, newest first, each with the words it asked for."""
    found = RuleDecision.objects.filter(room=room).select_related("takeover")
    if outcomes := SHOWN.get(show):
        found = found.filter(outcome__in=outcomes)
    return found.order_by("-id")
