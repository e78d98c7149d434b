"""The demo's rooms go on air, and every job that runs in the sandbox has an audience."""

from __future__ import annotations

import asyncio
import logging

import httpx

from dashboard.accounts.models import User
from dashboard.audience.addresses import intake_url
from dashboard.audit.trail import CONSOLE
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.services.start import start_job
from dashboard.lib.errors import Refusal
from dashboard.lib.threads import in_thread
from dashboard.live.demo import content
from dashboard.rooms.models import Room

logger = logging.getLogger(__name__)

AUDIENCE_RATE_PER_S = 1.5


async def go_on(base_url: str, *, start: bool) -> None:
    """Start the demo's three rooms once, then give every running sandbox job its audience."""
    if start:
        await _start_rooms()
    told: set[str] = set()
    async with httpx.AsyncClient(base_url=base_url, timeout=5.0, trust_env=False) as control:
        while True:
            try:
                wanted = await in_thread(_audiences)
                for job_ref, url, seed in wanted:
                    if job_ref not in told:
                        await _tell(control, job_ref, url, AUDIENCE_RATE_PER_S, seed)
                        told.add(job_ref)
                for job_ref in told - {job_ref for job_ref, *_ in wanted}:
                    await _tell(control, job_ref, base_url, 0, 0)  # its job is over: nobody watches any more
                    told.discard(job_ref)
            except httpx.HTTPError:
                logger.debug("the sandbox did not take an audience; tried again")
            await asyncio.sleep(2.0)


async def _tell(control: httpx.AsyncClient, job_ref: str, url: str, rate_per_s: float, seed: int) -> None:
    body = {"job": job_ref, "url": url, "rate_per_s": rate_per_s, "seed": seed}
    (await control.put("/sandbox/audience", json=body)).raise_for_status()


def _audiences() -> list[tuple[str, str, int]]:
    running = Job.objects.filter(IS_OPEN, account__is_sandbox=True, team__slug=content.TEAM).exclude(vendor_ref="")
    return [(job.vendor_ref, intake_url(job), job.pk) for job in running]


async def _start_rooms() -> None:
    """MetaStudio holds a room only once the relay has pushed it, so some starts wait a moment."""
    waiting = [room.code for room in content.ROOMS if room.on_air]
    for _ in range(60):
        for code in list(waiting):
            if await in_thread(_start_room, code):
                waiting.remove(code)
        if not waiting:
            return
        await asyncio.sleep(0.5)


def _start_room(code: str) -> bool:
    room = Room.objects.select_related("account").get(team__slug=content.TEAM, code=code)
    user = User.objects.get(email=content.PEOPLE[0][0])
    try:
        start_job(room=room, user=user, actor=CONSOLE, key=f"demo-{code}")
    except Refusal:
        return False
    return True
