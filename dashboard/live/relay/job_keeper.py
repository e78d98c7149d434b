"""Keeps one open job: its link, its heartbeat, and the lanes of its commands."""

from __future__ import annotations

import asyncio
import logging

from django.conf import settings
from django.db import OperationalError

from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import dispatch, questions
from dashboard.live.relay.keeper import Keeper, end_together, finished, wait_for
from dashboard.live.relay.link_keeper import LinkKeeper
from dashboard.live.relay.sessions import job_and_session
from dashboard.vendors import outbox
from dashboard.vendors.port import Accepted, Gateway, Link

logger = logging.getLogger(__name__)

#: A lane that nobody wakes looks by itself, in case even the sweep failed. Rarely: a thousand rooms have five each.
IDLE_S = 300.0


class JobKeeper:
    def __init__(self, job_id: int, gateway: Gateway, keeper: Keeper) -> None:
        self.job_id = job_id
        self.gateway = gateway
        self._rests = False
        #: Once it rests it begins nothing, whatever the relay's beat says then: it is about to be broken off.
        self.keeper = keeper.of(keeper.epoch, lambda: keeper.alive() and not self._rests)
        self._wakes = {lane: asyncio.Event() for lane in outbox.lanes_of(job_id)}
        self._wake_speak = self._wakes[outbox.speak_lane(job_id)]
        self._lanes: list[asyncio.Task[None]] = []
        self._links = LinkKeeper(job_id, gateway, self.keeper, on_up=self._wake_speak.set)

    def wake(self, lane: str = "") -> None:
        """The lane of that name ("speak", "stop", "check"), or all."""
        one = self._wakes.get(f"job:{self.job_id}:{lane}")
        for wake in [one] if one is not None else self._wakes.values():
            wake.set()

    def link(self) -> Link | None:
        """The job's link, while it may be written into."""
        return self._links.link

    async def run(self) -> None:
        self._rests = False
        await self._until_bound()
        tasks = [asyncio.create_task(self._link(), name=f"link:{self.job_id}")]
        if self.gateway.capabilities().needs_heartbeat:
            tasks.append(asyncio.create_task(self._heartbeat(), name=f"heartbeat:{self.job_id}"))
        self._lanes = [asyncio.create_task(self._lane(lane, wake), name=lane) for lane, wake in self._wakes.items()]
        tasks += self._lanes
        await end_together(tasks, self.rest)

    async def rest(self) -> None:
        """Nothing more is sent; what is on its way is not broken off."""
        self._rests = True
        self.wake()
        await finished(self._lanes)

    async def settle_doubts(self) -> None:
        """Ask the vendor's own queue what became of words without an answer, where it has one."""
        job, session = await in_thread(job_and_session, self.job_id)
        await questions.read_queue(job, session, self.gateway)

    async def _until_bound(self) -> None:
        """A job has nothing to keep until the vendor's answer to its start is bound."""
        while not (await in_thread(job_and_session, self.job_id))[1].vendor_ref:
            self._wake_speak.clear()
            await wait_for(self._wake_speak, settings.SWEEP_EVERY_S)

    async def _link(self) -> None:
        """Its link, or nothing where this account has none."""
        await self._links.run()
        while self.keeper.alive():
            await clock.current().sleep(IDLE_S)

    async def _lane(self, lane: str, wake: asyncio.Event) -> None:
        while self.keeper.alive():
            wake.clear()
            try:
                await dispatch.drain_lane(self.job_id, lane, self.keeper, self.gateway, self.link)
            except Exception:
                logger.exception("commands of lane %s stay in the outbox", lane)
            # The relay's sweep wakes every lane that has something due: one query a second for all jobs, not one each.
            await wait_for(wake, IDLE_S)

    async def _heartbeat(self) -> None:
        while self.keeper.alive():
            began = clock.monotonic()
            # The vendor closes after a silence of 60 s and more (004:83): a missed beat is tried again soon.
            wait = 3.0
            try:
                _, session = await in_thread(job_and_session, self.job_id)
                if isinstance(await self.gateway.heartbeat(session), Accepted):
                    self.keeper.signs.note("heartbeat_ok_at", self.job_id, self.keeper.epoch)
                    wait = settings.HEARTBEAT_EVERY_S - (clock.monotonic() - began)
            except OperationalError:
                # A busy database must not end the keeper: a sentence on its way would become unknown.
                logger.warning("job %s is read again for its heartbeat", self.job_id)
            await clock.current().sleep(max(0.5, wait))
