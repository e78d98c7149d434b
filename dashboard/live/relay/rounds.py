"""What a relay does each second beside its deadlines: rules answer, audience events go to vendors, rehearsals go on."""

from __future__ import annotations

import asyncio

from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import reports
from dashboard.live.relay.answers import Answers
from dashboard.live.relay.keepers import Keepers
from dashboard.rehearsal.services import course

__all__ = ["Answers", "rehearse", "report"]


async def report(keepers: Keepers, relay: str) -> None:
    for account_id, gateway in keepers.gateways():
        if gateway.capabilities().event_report and keepers.alive():
            await reports.forward(account_id, relay, gateway)


async def rehearse() -> None:
    """In a round of its own: nothing that a sandbox keeps waiting holds up the rooms that are on air."""
    now = clock.now()
    await in_thread(course.go_on, now)
    for run, sessions in await in_thread(course.ended_without_record, now):
        # A silent sandbox is waited for elsewhere than in the few threads that hold a database connection.
        heard = await asyncio.to_thread(course.what_was_heard, run, sessions)
        if heard is not None:
            await in_thread(course.keep_record, run, heard)
