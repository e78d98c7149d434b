"""The way of a new item until it is handed on: its undo window, then a second person where its room wants one.

See docs/danger.md. Each step is a fact and happens in the transaction that holds the room's lock, so that a relay that
dies in between leaves an item whose `due_at` the next one reads.
"""

from __future__ import annotations

from dashboard.events.kinds import Fact, Kind
from dashboard.takeover import commands, release, restoring
from dashboard.takeover.asking import ask_second_person
from dashboard.takeover.decisions import tell
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.takeover.wish import wish_of


def set_out(item: Takeover) -> None:
    """On from where it stands: nothing while it is held, to a second person where it takes one, else to the vendor."""
    if item.state != TakeoverState.WAITING:
        return
    if item.approval_why and item.approved_at is None:
        ask_second_person(item)
    else:
        _hand_on(item)


def _hand_on(item: Takeover) -> None:
    """SoftSugar's queue takes it now; on MetaStudio it is held back until the slot is free."""
    if release.holds_back(item.job):
        release.release(item.job)
    else:
        commands.say(item.job, item)
    restoring.words_end_silence(item)  # behind it: the script goes on after these words
    item.refresh_from_db()


def end_hold(item: Takeover, fact: Fact) -> None:
    """The undo window is over, by its time or by its author: nobody can take it back any more as if it never was."""
    tell(fact)
    item.refresh_from_db()
    set_out(item)


def hold_is_over(item: Takeover) -> None:
    """By its time, which the relay found."""
    end_hold(item, item_fact(item, Kind.ITEM_HOLD_OVER))


def lacks_approval(item: Takeover) -> bool:
    """Whether a second person is still needed, or approved other content than this."""
    return bool(item.approval_why) and (item.approved_at is None or item.approved_hash != wish_of(item).digest)


def is_asked_anew(trace_id: str) -> bool:
    """The relay's last look before bytes leave: other words than those approved go back to the second person."""
    item = next(iter(Takeover.objects.filter(trace_id=trace_id).exclude(approval_why="")), None)
    if item is None or not lacks_approval(item):
        return False
    commands.forget(item)
    item.content_hash = wish_of(item).digest
    item.approval_asked_at = item.released_at = None
    item.save(update_fields=["content_hash", "approval_asked_at", "released_at", *item.refresh_state()])
    set_out(item)
    return True
