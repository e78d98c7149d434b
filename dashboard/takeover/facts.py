"""Facts about takeovers that people cause. What vendors and relays tell is made in live/."""

from __future__ import annotations

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Item, Kind
from dashboard.events.models import Source
from dashboard.events.record import Projections
from dashboard.lib import clock
from dashboard.takeover import projection
from dashboard.takeover.models import Takeover

PROJECTIONS = Projections(one={kind: (projection.apply,) for kind in Kind if kind.value.startswith("item.")})


def item_fact(item: Takeover, kind: Kind, *, user: User) -> Fact:
    """A fact about this version of `item`: pressed twice it is one, decided once more later it is another."""
    return Fact(
        kind=kind,
        payload=Item(trace_id=item.trace_id, item=item.number),
        source=Source.OPERATOR,
        dedupe_key=f"{kind}:{item.job_id}:{item.trace_id}:{item.version}",
        at=clock.now(),
        team_id=item.team_id,
        account_id=item.job.account_id,
        room_id=item.room_id,
        job_id=item.job_id,
        actor_id=user.pk,
    )
