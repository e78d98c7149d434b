"""What people decide about takeovers, as facts, and what follows from these."""

from __future__ import annotations

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, Kind
from dashboard.events.models import Source
from dashboard.events.record import Projections, record_many
from dashboard.takeover import projection
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.vendors.port import VendorError

PROJECTIONS = Projections(one={kind: (projection.apply,) for kind in Kind if kind.value.startswith("item.")})


def tell(*facts: Fact) -> None:
    """Record what was decided, or what time decided, with what follows."""
    record_many(facts, PROJECTIONS)


def decided(item: Takeover, kind: Kind, *, user: User | None, error: VendorError | None = None) -> Fact:
    """A decision about this version of `item`, by a person or (None) a rule: pressed twice it is one, later another.

    `error`: what it says to whoever wanted the item heard.
    """
    source = Source.OPERATOR if user is not None else Source.RULE
    actor_id = user.pk if user is not None else None
    return item_fact(item, kind, source=source, actor_id=actor_id, key=str(item.version), error=error)
