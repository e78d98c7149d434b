"""Sends what steers a job: going on air, stop, cancel, pause, resume, and the questions of *Check again*."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay import questions
from dashboard.live.relay.outcomes import cancels, control
from dashboard.live.relay.ready import Ready
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandState
from dashboard.vendors.port import Accepted, Gateway, Guard, Link


async def cancel(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    everything = bool(ready.command.body.get("all"))
    trace_ids = None if everything else [item.trace_id for item in ready.items if item.is_open]
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


async def pause(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    outcome = await gateway.pause_script(ready.session, link, guard)
    await in_thread(control.silenced, ready.job, ready.command, outcome)


async def resume(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    outcome = await gateway.resume_script(ready.session, link, guard)
    await in_thread(control.silenced, ready.job, ready.command, outcome)


async def check(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    await questions.look(ready.job, ready.session, gateway)
    await questions.read_queue(ready.job, ready.session, gateway)
    await in_thread(outbox.settle, ready.command, CommandState.ACCEPTED)


async def compare(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    await questions.compare(ready.job, ready.session, gateway)
    await in_thread(outbox.settle, ready.command, CommandState.ACCEPTED)
