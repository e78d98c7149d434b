"""Sends the drop of what was inserted at the vendor and waits there."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay.outcomes import drops
from dashboard.live.relay.ready import Ready
from dashboard.live.relay.send_words import NOT_OFFERED
from dashboard.vendors.port import Gateway, Guard, Link, Rejected


async def drop(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    inserted = gateway.inserted
    outcome = Rejected(NOT_OFFERED) if inserted is None else await inserted.drop_all(ready.session, guard)
    await in_thread(drops.dropped, ready.job, ready.command, outcome)
