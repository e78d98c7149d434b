"""How each item of a desk's queue may be moved: with whom it changes places."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from dashboard.takeover.models import Takeover
from dashboard.takeover.moving import CAN_MOVE
from dashboard.takeover.order import layer
from dashboard.takeover.places import is_fixed
from dashboard.takeover.states import Source


@dataclass(frozen=True, slots=True)
class Moves:
    """How an item may be moved: `up` and `down` are the items it changes places with, None at an end."""

    url: str
    up: int | None
    down: int | None


def moves_of(items: list[Takeover], slug: str) -> dict[int, Moves]:
    """How the items of one queue, in the order of hearing, may be moved. People's and rules' keep to themselves."""
    waiting = [item for item in items if item.is_open and item.started_at is None and not is_fixed(item.job, item)]
    found = {}
    for at, item in enumerate(waiting):
        if item.state not in CAN_MOVE or not item.job.is_open or item.source == Source.FOREIGN:
            continue
        above, below = waiting[at - 1] if at else None, waiting[at + 1] if at + 1 < len(waiting) else None
        up, down = (
            one.pk if one is not None and layer(one.rank) == layer(item.rank) else None for one in (above, below)
        )
        found[item.pk] = Moves(reverse("takeover:move", args=[slug, item.pk]), up, down)
    return found
