"""Sends a pause and a resume: a silence, or of the script alone."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.live.relay import sound
from dashboard.live.relay.outcomes import control, steering
from dashboard.live.relay.ready import Ready
from dashboard.vendors.models import Command
from dashboard.vendors.port import Gateway, Guard, Link, Outcome
from dashboard.vendors.port_live import Timing


async def pause(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    timing = Timing(ready.command.body.get("timing", Timing.NOW))
    if not ready.command.body.get("script"):
        await sound.cut(ready.job.pk)  # MetaStudio's pause counts for the script alone, not for a human who took over
    outcome = await gateway.pause_script(ready.session, link, guard, timing)
    await in_thread(_told(ready), ready.job, ready.command, outcome)


async def resume(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    outcome = await gateway.resume_script(ready.session, link, guard)
    await in_thread(_told(ready), ready.job, ready.command, outcome)


def _told(ready: Ready) -> Callable[[Job, Command, Outcome[None]], None]:
    """A pause is a silence, or of the script alone."""
    return steering.script_paused if ready.command.body.get("script") else control.silenced
