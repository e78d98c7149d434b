"""Sends starts: the one command of a job that its account's keeper sends."""

from __future__ import annotations

from dashboard.jobs.selectors import start_plan
from dashboard.lib.threads import in_thread
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.outcomes.starts import created
from dashboard.live.relay.sessions import job_callback_url
from dashboard.live.relay.start_claims import claim_start
from dashboard.vendors.models import Command
from dashboard.vendors.port import Gateway, NotSent


async def start(command: Command, keeper: Keeper, gateway: Gateway) -> bool:
    """Send one job's start. False where it may not leave now."""
    job = await in_thread(claim_start, command, keeper)
    if job is None:
        return False
    plan = await in_thread(lambda: start_plan(job, callback_url=job_callback_url(job)))
    outcome = await gateway.start_job(plan) if keeper.alive() else NotSent("overtaken")
    await in_thread(created, job, command, outcome)
    return True
