"""Sends the drop of what was inserted at the vendor and waits there."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay.outcomes import drops
from dashboard.live.relay.ready import Ready
from dashboard.live.relay.send_words import not_offered
from dashboard.vendors.port import Gateway, Guard, Link


async def drop(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    inserted = gateway.inserted
    outcome = not_offered() if inserted is None else await inserted.drop_all(ready.session, guard)
    await in_thread(drops.dropped, ready.job, ready.command, outcome)
