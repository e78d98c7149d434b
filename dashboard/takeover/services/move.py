"""An operator moves a waiting item: before or after another, to the head or the tail of the queue.

Moves say beside what, not where: two people who move different items both win, and one whose neighbour left the queue
meanwhile lands where it stood. Only the same item moved by two people, or a place it may not take, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.takeover import commands, moving, places
from dashboard.takeover.decisions import decided
from dashboard.takeover.models import Takeover
from dashboard.takeover.order import To


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the item stands now: `position` of `count` that wait, counted from 1."""

    item: Takeover
    position: int
    count: int


def move_takeover(
    *, item: Takeover, to: To, anchor: Takeover | None, user: User, actor: Actor, version: int | None = None
) -> Moved:
    """Put `item` at the head or tail, or beside `anchor`, an item of the same job. `Conflict` says why it stays."""
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        moving.check_can_move(item)
        queue = places.waiting(item.job)
        others = places.standings(item.job, [one for one in queue if one.pk != item.pk])
        before = next((at for at, one in enumerate(queue) if one.pk == item.pk), 0)
        index = moving.index_for(item, to, anchor, others)
        if index != before:
            moving.check_not_moved_by_another(item, user, version)
            fact = decided(item, Kind.ITEM_MOVED, user=user)
            places.put_at(item.job, item, index, others)
            after = {"position": index + 1, "of": len(queue)}
            deeds.record(
                [fact],
                actor=actor,
                action="move_takeover",
                target=item,
                before={"position": before + 1, "of": len(queue)},
                after=after,
            )
            if places.takes_order(item.job):
                commands.put_in_order(item.job, asked=True)
            item.refresh_from_db()
    return Moved(item, index + 1, len(queue))
