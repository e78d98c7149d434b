"""The way of a new item until it is handed on: its undo window, then a second person where its room wants one.

See docs/danger.md. Each step is a fact and happens in the transaction that holds the room's lock, so that a relay that
dies in between leaves an item whose `due_at` the next one reads.
"""

from __future__ import annotations

from dashboard.events.kinds import Fact, Kind
from dashboard.takeover.decisions import tell
from dashboard.takeover.facts import item_fact
from dashboard.takeover.items import hand_on, new_item
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState

__all__ = ["end_hold", "hold_is_over", "new_item", "set_out"]


def set_out(item: Takeover) -> None:
    """On from where it stands: nothing while it is held."""
    if item.state == TakeoverState.WAITING:
        hand_on(item)


def end_hold(item: Takeover, fact: Fact) -> None:
    """The undo window is over, by its time or by its author: nobody can take it back any more as if it never was."""
    tell(fact)
    item.refresh_from_db()
    set_out(item)


def hold_is_over(item: Takeover) -> None:
    """By its time, which the relay found."""
    end_hold(item, item_fact(item, Kind.ITEM_HOLD_OVER))
