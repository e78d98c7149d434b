"""What a relay does each second beside its deadlines: rules answer, audience events go out, strangers are found."""

from __future__ import annotations

import asyncio

from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import reports, tokens, unclaimed, windows
from dashboard.live.relay.answers import Answers
from dashboard.live.relay.keeper import Alive, wait_for
from dashboard.live.relay.keepers import Keepers
from dashboard.rehearsal.services import course

__all__ = ["Answers", "Renewals", "Reports", "end_windows", "rehearse", "report"]

Renewals = tokens.Renewals
Reports = reports.Reports
#: So often a relay looks for tokens that end soon.
TOKENS_EVERY_S = 5.0
#: The shortest undo window is 1 s, so a look this often finds every one before it ends.
WINDOWS_EVERY_S = 0.8


async def end_windows(relay: str, alive: Alive, stopping: asyncio.Event) -> None:
    """Undo windows end on time: nobody may see a countdown at nought and still wait. The sweep is the net below."""
    while alive():
        due = await in_thread(windows.soonest, relay, WINDOWS_EVERY_S * 2)
        if due is None:
            return
        wait = (due - clock.now()).total_seconds()
        if wait > 0:
            await wait_for(stopping, min(wait, WINDOWS_EVERY_S))
        else:
            await in_thread(windows.end_due, relay)


async def report(keepers: Keepers, told: reports.Reports) -> None:
    for account_id, gateway in keepers.gateways():
        if gateway.capabilities().event_report:
            await told.forward(account_id, gateway)


async def renew_tokens(keepers: Keepers, renewals: tokens.Renewals) -> None:
    for account_id, gateway in keepers.gateways():
        await renewals.renew(account_id, gateway)


async def strangers(relay: str) -> None:
    """What vendors play that nobody here sent gets a row of its own."""
    await in_thread(unclaimed.unclaimed, relay)


async def rehearse() -> None:
    """In a round of its own: nothing that a sandbox keeps waiting holds up the rooms that are on air."""
    now = clock.now()
    await in_thread(course.go_on, now)
    for run, sessions in await in_thread(course.ended_without_record, now):
        # A silent sandbox is waited for elsewhere than in the few threads that hold a database connection.
        heard = await asyncio.to_thread(course.what_was_heard, run, sessions)
        if heard is not None:
            await in_thread(course.keep_record, run, heard)
