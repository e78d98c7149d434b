"""Sends what steers a job: going on air, stop, cancel, pause, resume, *Check again*, the order of its queue."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay import questions, sound
from dashboard.live.relay.outcomes import cancels, control, ordering
from dashboard.live.relay.ready import Ready
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandState
from dashboard.vendors.port import Accepted, Gateway, Guard, Link


async def cancel(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    everything = bool(ready.command.body.get("all"))
    trace_ids = None if everything else [item.trace_id for item in ready.items if item.is_open]
    sound.hush(ready.job.pk, trace_ids)
    outcome = await gateway.cancel(ready.session, trace_ids, guard)
    await in_thread(cancels.cancelled, ready.job, ready.command, ready.items, outcome)


async def go_live(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    outcome = await gateway.go_live(ready.session)
    await in_thread(control.went_live, ready.job, ready.command, outcome)
    await questions.look(ready.job, ready.session, gateway)


async def stop(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    outcome = await gateway.stop_job(ready.session)
    await in_thread(control.stopped, ready.job, ready.command, outcome)
    if isinstance(outcome, Accepted):
        await questions.look(ready.job, ready.session, gateway)


async def check(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    await questions.look(ready.job, ready.session, gateway)
    await questions.read_queue(ready.job, ready.session, gateway)
    await in_thread(outbox.settle, ready.command, CommandState.ACCEPTED)


async def compare(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    await questions.compare(ready.job, ready.session, gateway)
    await in_thread(outbox.settle, ready.command, CommandState.ACCEPTED)


async def put_in_order(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    """One pass to bring the vendor's queue into our order.

    It ends the command where nothing stood wrong. Else the command waits for the next pass, which looks whether this
    one did it: an answer that was lost, or an item that began meanwhile, is found out there.
    """
    listing = await gateway.queue(ready.session)
    if not isinstance(listing, Accepted):
        await in_thread(ordering.not_read, ready.job, ready.command, listing)
        return
    steps = await in_thread(ordering.steps_to_ours, ready.job, listing.value)
    for step in steps:
        outcome = await gateway.reorder(ready.session, step.trace_id, step.place, guard)
        if not isinstance(outcome, Accepted):
            await in_thread(ordering.not_moved, ready.job, ready.command, outcome)
            return
    await in_thread(ordering.passed, ready.job, ready.command, moves=len(steps))
