"""What people do on purpose, as every service has it: lock, check, write, then tell the log of facts and the trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime

from django.db import models, transaction

from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Fact
from dashboard.events.record import Projections, lock_topic, raise_sequence, record_many
from dashboard.lib import clock
from dashboard.lib.turns import first_in_line

#: Facts that are only told: the service itself wrote the rows they speak of.
NOTHING_FOLLOWS = Projections()


@contextmanager
def locked(topic: str, *, goes_first: bool = False) -> Iterator[datetime]:
    """One transaction that begins with the topic's lock, and the one `now` of all that happens in it.

    Rows read before are refreshed inside: another press may have come first. `goes_first`: before all others that wait
    to write.
    """
    with first_in_line() if goes_first else nullcontext(), transaction.atomic():
        lock_topic(topic)
        yield clock.now()


def record(
    facts: Sequence[Fact],
    apply: Projections = NOTHING_FOLLOWS,
    *,
    actor: Actor,
    action: str,
    target: models.Model,
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    on_lists: bool = False,
) -> None:
    """Tell one deed twice, in the caller's transaction: its facts, and one line of the trail about `target`.

    `on_lists`: the team's lists show another set of rooms, accounts or running jobs from now on.
    """
    record_many(facts, apply)
    told = facts[0]
    trail.record(
        team_id=told.team_id,
        actor=actor,
        action=action,
        target=target,
        room_id=told.room_id,
        reason=reason,
        before=before,
        after=after,
    )
    if on_lists:
        raise_sequence(f"team:{told.team_id}")
