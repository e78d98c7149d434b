"""Keeps one open job: its link, its heartbeat, and the two lanes of its commands."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from django.conf import settings
from django.db import OperationalError
from django.db.models import QuerySet

from dashboard.events.kinds import JobLink, Kind
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.jobs.states import Link as LinkState
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of, job_fact
from dashboard.live.intake.writer import writer
from dashboard.live.relay import dispatch
from dashboard.live.relay.account_keeper import wait_for
from dashboard.live.relay.dispatch import Keeper
from dashboard.live.relay.sessions import session_of
from dashboard.vendors import outbox
from dashboard.vendors.port import Accepted, Gateway, Link, LinkRefused, Rejected, Session

logger = logging.getLogger(__name__)

RECONNECT_S = (0.5, 1.0, 2.0, 4.0, 5.0)
#: A lane that nobody wakes looks by itself, in case even the sweep failed.
IDLE_S = 30.0
#: A link that lived this long starts its back-off anew; one that is accepted and dropped at once does not spin.
LIVED_S = 30.0


class JobKeeper:
    def __init__(self, job_id: int, gateway: Gateway, keeper: Keeper) -> None:
        self.job_id = job_id
        self.gateway = gateway
        self.keeper = keeper
        self.wake_speak = asyncio.Event()
        self.wake_stop = asyncio.Event()
        self._link: Link | None = None
        self._link_number = 0
        self._bound = asyncio.Event()

    def wake(self) -> None:
        self.wake_speak.set()
        self.wake_stop.set()

    async def run(self) -> None:
        try:
            await self._until_bound()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_link(), name=f"link:{self.job_id}")
                group.create_task(self._heartbeat(), name=f"heartbeat:{self.job_id}")
                group.create_task(
                    self._lane(outbox.speak_lane(self.job_id), self.wake_speak), name=f"speak:{self.job_id}"
                )
                group.create_task(self._lane(outbox.stop_lane(self.job_id), self.wake_stop), name=f"stop:{self.job_id}")
        finally:
            if self._link is not None:
                with contextlib.suppress(Exception):
                    await self._link.close()

    async def _until_bound(self) -> None:
        """A job has nothing to keep until the vendor's answer to its start is bound."""
        while not (await in_thread(self._read))[1].vendor_ref:
            self.wake_speak.clear()
            await wait_for(self.wake_speak, settings.SWEEP_EVERY_S)

    def _mine(self) -> QuerySet[Job]:
        """The job's row while this relay keeps it: what a keeper says of its own lines is bound to the epoch."""
        return Job.objects.filter(pk=self.job_id, owner=self.keeper.relay, epoch=self.keeper.epoch)

    def _read(self) -> tuple[Job, Session]:
        job = Job.objects.select_related("room", "account").get(pk=self.job_id)
        return job, session_of(job)

    # ------------------------------------------------------------------------------------------------------------ lanes

    async def _lane(self, lane: str, wake: asyncio.Event) -> None:
        while self.keeper.alive():
            wake.clear()
            try:
                await dispatch.drain_lane(self.job_id, lane, self.keeper, self.gateway, self._link)
            except Exception:
                logger.exception("commands of lane %s stay in the outbox", lane)
            # The relay's sweep wakes every lane that has something due: one query a second for all jobs, not one each.
            await wait_for(wake, IDLE_S)

    # -------------------------------------------------------------------------------------------------------- heartbeat

    async def _heartbeat(self) -> None:
        if not self.gateway.capabilities().needs_heartbeat:
            return
        while self.keeper.alive():
            began = clock.monotonic()
            # The vendor closes after a silence of 60 s and more (004:83): a missed beat is tried again soon.
            wait = 3.0
            try:
                _, session = await in_thread(self._read)
                if isinstance(await self.gateway.heartbeat(session), Accepted):
                    await in_thread(self._mine().update, heartbeat_ok_at=clock.now())
                    wait = settings.HEARTBEAT_EVERY_S - (clock.monotonic() - began)
            except OperationalError:
                # A busy database must not end the keeper: a sentence on its way would become unknown.
                logger.warning("heartbeat of job %s was not noted", self.job_id)
            await clock.current().sleep(max(0.5, wait))

    # ------------------------------------------------------------------------------------------------------------- link

    async def _keep_link(self) -> None:
        failures = 0
        while self.keeper.alive():
            job, session = await in_thread(self._read)
            link = self.gateway.link(session)
            if link is None:
                return
            opened_at = clock.monotonic()
            await self._tell(job, LinkState.CONNECTING)
            outcome = await link.open()
            if isinstance(outcome, Accepted):
                why = await self._use(job, session, link)
            else:
                why = outcome.error.code if isinstance(outcome, Rejected) else outcome.why
            self._link = None
            await link.close()
            await self._tell(job, LinkState.DOWN, why)
            lived = clock.monotonic() - opened_at
            failures = 0 if lived > LIVED_S else failures + 1
            await clock.current().sleep(
                RECONNECT_S[min(failures, len(RECONNECT_S)) - 1] if failures else RECONNECT_S[0]
            )

    async def _use(self, job: Job, session: Session, link: Link) -> str:
        """Read the link until it ends. What was sent before is asked for first: notices are not replayed (B42)."""
        self._link_number += 1
        while not await dispatch.read_queue(job, session, self.gateway, key=f"link:{self._link_number}"):
            if not self.keeper.alive() or not await link.ping():
                return "queue"
            await clock.current().sleep(1.0)
        self._link = link
        await self._tell(job, LinkState.UP)
        self.wake_speak.set()
        watch = asyncio.create_task(self._watch(job, link), name=f"ping:{self.job_id}")
        try:
            return await self._read_reports(job, link)
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def _read_reports(self, job: Job, link: Link) -> str:
        number = 0
        async for report in link.reports():
            number += 1
            if isinstance(report, LinkRefused):
                # The session may be over: its state is asked for now instead of with the next listing.
                await dispatch.look(job, await in_thread(session_of, job), self.gateway)
                return report.error.code
            unique = f"{self.keeper.relay}:{self.keeper.epoch}:{self._link_number}:{number}"
            await writer.record([fact_of(job, report, Heard("socket", unique))])
        return "closed"

    async def _watch(self, job: Job, link: Link) -> None:
        """Ping every 5 s: a good one is the freshness of the link, two bad ones end it."""
        failed = 0
        while True:
            await clock.current().sleep(settings.LINK_PING_EVERY_S)
            if await link.ping():
                failed = 0
                await in_thread(self._mine().update, link_at=clock.now())
                continue
            failed += 1
            if failed == 1:
                await self._tell(job, LinkState.STALE, "no pong")
            else:
                await link.close()
                return

    async def _tell(self, job: Job, state: LinkState, why: str = "") -> None:
        """A link's state is its owner's word: bound to the epoch."""
        await in_thread(self._record_link, job, state, why)

    def _record_link(self, job: Job, state: LinkState, why: str) -> None:
        now = clock.now()
        current = Job.objects.filter(pk=job.pk, owner=self.keeper.relay, epoch=self.keeper.epoch).first()
        if current is None or (current.link == state and state != LinkState.UP):
            return
        key = f"{self.keeper.epoch}:{self._link_number}:{state}:{now.timestamp():.3f}"
        fact = job_fact(job, Kind.JOB_LINK, JobLink(link=str(state), why=why[:80]), now, key)
        record_many([fact], PROJECTIONS)
