"""The way of a new item until it is handed on: its undo window, then a second person where its room wants one.

See docs/danger.md. Each step is a fact and happens in the transaction that holds the room's lock, so that a relay that
dies in between leaves an item whose `due_at` the next one reads.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.events.kinds import Fact, Kind
from dashboard.takeover import items
from dashboard.takeover.decisions import tell
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.takeover.outlook import read_outlook
from dashboard.takeover.states import TakeoverState
from dashboard.takeover.wish import Wish

if TYPE_CHECKING:
    from dashboard.accounts.models import User
    from dashboard.jobs.models import Job


def new_item(job: Job, wish: Wish, *, key: str, author: User | None, now: datetime) -> Takeover:
    """What is wanted, as a row, with the promise of when it is heard, before anything of it left."""
    ahead = read_outlook(job, now)
    item = items.new_item(job, wish, key=key, author=author, now=now)
    item.eta_at = ahead.heard_at(wish.mode, item.held_until or now)
    item.promised_ms = max(0, round((item.eta_at - now).total_seconds() * 1000))
    item.save(update_fields=["eta_at", "promised_ms"])
    return item


def set_out(item: Takeover) -> None:
    """On from where it stands: nothing while it is held."""
    if item.state == TakeoverState.WAITING:
        items.hand_on(item)


def end_hold(item: Takeover, fact: Fact) -> None:
    """The undo window is over, by its time or by its author: nobody can take it back any more as if it never was."""
    tell(fact)
    item.refresh_from_db()
    set_out(item)


def hold_is_over(item: Takeover) -> None:
    """By its time, which the relay found."""
    end_hold(item, item_fact(item, Kind.ITEM_HOLD_OVER))
