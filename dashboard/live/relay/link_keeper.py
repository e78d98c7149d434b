"""Keeps one job's link to its vendor: opened, read and pinged, and opened again after it broke."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError

from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.writer import Full
from dashboard.live.relay import questions, sound
from dashboard.live.relay.keeper import Keeper, end_task
from dashboard.live.relay.link_facts import LinkFacts
from dashboard.live.relay.link_states import LinkStates
from dashboard.live.relay.sessions import job_and_session, session_of
from dashboard.vendors.port import Accepted, Aside, Gateway, Link, LinkRefused, Rejected, Session

if TYPE_CHECKING:
    from dashboard.jobs.models import Job

logger = logging.getLogger(__name__)

#: How soon what the database did not take is tried again, and the vendor's queue that could not be read.
RETRY_S = 1.0
#: How often a vendor that tells how long it lets a job go on is asked for it.
REMAINING_EVERY_S = 60.0
RECONNECT_S = (0.5, 1.0, 2.0, 4.0, 5.0)
#: A link that lived this long starts its back-off anew; one that is accepted and dropped at once does not spin.
LIVED_S = 30.0


class LinkKeeper:
    def __init__(self, job_id: int, gateway: Gateway, keeper: Keeper, on_up: Callable[[], None]) -> None:
        self.job_id = job_id
        self.gateway = gateway
        self.keeper = keeper
        #: What sentences may be written into; None while there is no link, or it is not up yet.
        self.link: Link | None = None
        self._states = LinkStates(job_id, keeper)
        self._on_up = on_up

    async def run(self) -> None:
        failures, is_asked = 0, False
        while self.keeper.alive():
            try:
                job, session = await in_thread(job_and_session, self.job_id)
            except OperationalError:
                self._warn()
                await clock.current().sleep(RETRY_S)
                continue
            if job.adopted_at and not is_asked and not (session.token or session.rtc):
                # Nobody here started it: what opens its doors is with the vendor alone.
                is_asked = await self._ask_about(job)
                await clock.current().sleep(0.0 if is_asked else RETRY_S)
                continue
            link = self.gateway.link(session)
            if link is None:
                return
            opened_at = clock.monotonic()
            why = await self._open_and_use(job, session, link)
            await self._insist(partial(in_thread, self._states.down, why))
            lived = clock.monotonic() - opened_at
            failures = 0 if lived > LIVED_S else failures + 1
            await clock.current().sleep(
                RECONNECT_S[min(failures, len(RECONNECT_S)) - 1] if failures else RECONNECT_S[0]
            )

    async def _open_and_use(self, job: Job, session: Session, link: Link) -> str:
        """Until it ends; why it did. However this ends, the link is closed."""
        try:
            await self._try_to(self._states.connecting)
            outcome = await link.open()
            if isinstance(outcome, Accepted):
                return await self._use(job, session, link)
            if isinstance(outcome, Rejected):
                await self._ask_about(job)
                return outcome.error.code
            return outcome.why
        finally:
            self.link = None
            sound.lost(link)
            with contextlib.suppress(Exception):
                await link.close()

    async def _use(self, job: Job, session: Session, link: Link) -> str:
        """Read the link until it ends. What was sent before is asked for first: notices are not replayed (B42)."""
        self._states.number += 1
        while not await self._read_queue(job, session):
            if not self.keeper.alive() or not await link.ping():
                return "queue"
            await self._try_to(self._states.waits)
            await clock.current().sleep(RETRY_S)
        if not await link.ping():
            # SoftSugar accepts the handshake and refuses by a frame (B34): never up, and its reason is still unread.
            await link.close()
            return await self._read_reports(job, link)
        self.link = link
        if not await self._insist(partial(in_thread, self._states.up)):
            return "closed"  # a link that is not known to be up is used by nobody
        self._on_up()
        watch = asyncio.create_task(self._watch(link), name=f"ping:{self.job_id}")
        try:
            return await self._read_reports(job, link)
        finally:
            await end_task(watch)

    async def _read_queue(self, job: Job, session: Session) -> bool:
        try:
            return await questions.read_queue(job, session, self.gateway)
        except OperationalError:
            self._warn()
            return False

    async def _read_reports(self, job: Job, link: Link) -> str:
        facts = LinkFacts(job, partial(self._insist_or_close, link))
        async with asyncio.TaskGroup() as group:
            recording = group.create_task(facts.record(), name=f"facts:{self.job_id}")
            refused = await self._read_into(facts, link)
            await facts.recorded()
            recording.cancel()
        if refused is None:
            return "closed"
        await self._ask_about(job)
        return refused.error.code

    async def _read_into(self, facts: LinkFacts, link: Link) -> LinkRefused | None:
        """All that it tells until it ends; what it says where the vendor does not let us in.

        Who was stopped and goes on may not act any more, and what it reads then came long ago: the link ends with it.
        Where nobody has overtaken this relay, it opens it anew, and what was sent is asked for.
        """
        number = 0
        async for report in link.reports():
            number += 1
            sound.told(link, report)
            if isinstance(report, LinkRefused):
                return report
            if not self.keeper.alive():
                return None
            if not isinstance(report, Aside):
                unique = f"{self.keeper.relay}:{self.keeper.epoch}:{self._states.number}:{number}"
                await facts.put(report, unique)
        return None

    async def _ask_about(self, job: Job) -> bool:
        """The session may be over, or what opens its link: both are asked for now, not with the next listing.

        False where nobody answered.
        """
        with contextlib.suppress(OperationalError):
            told = await questions.look(job, await in_thread(session_of, job), self.gateway)
            return isinstance(told, Accepted | Rejected)
        return False

    async def _watch(self, link: Link) -> None:
        try:
            await self._ping(link)
        except Exception:
            logger.exception("nobody watches the link of job %s any more: it ends", self.job_id)
        await link.close()

    async def _ping(self, link: Link) -> None:
        """Ping every 5 s: a good one is the freshness of the link. One that is lost is repeated at once, two end it.

        In between nothing is written into it: it may be half open, and every sentence of unknown outcome.
        """
        is_lost, asked_at = False, -REMAINING_EVERY_S
        while True:
            if not is_lost and clock.monotonic() - asked_at >= REMAINING_EVERY_S:
                await link.ask_remaining(self.keeper.alive)
                asked_at = clock.monotonic()
            if not is_lost:
                await clock.current().sleep(settings.LINK_PING_EVERY_S)
            if await link.ping():
                if is_lost:
                    self.link = link
                    if not await self._insist(partial(in_thread, self._states.up)):
                        return
                    self._on_up()
                is_lost = False
                self._states.answered()
                continue
            if is_lost:
                return
            is_lost, self.link = True, None
            await self._try_to(lambda: self._states.stale("no pong"))

    # --------------------------------------------------------------------------------------- while the database is busy

    async def _insist(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do it until the database takes it: the end of the keeper would make a sentence on its way unknown.

        False where the relay may not act any more.
        """
        is_warned = False
        while self.keeper.alive():
            try:
                await work()
                return True
            except (OperationalError, Full):
                if not is_warned:
                    self._warn()
                is_warned = True
                await clock.current().sleep(RETRY_S)
        return False

    async def _insist_or_close(self, link: Link, work: Callable[[], Awaitable[object]]) -> None:
        """What a link told may be recorded nowhere: it ends, and the next one asks for what was sent."""
        if not await self._insist(work):
            await link.close()

    async def _try_to(self, say: Callable[[], None]) -> None:
        """Once: what is said soon replaces it."""
        try:
            await in_thread(say)
        except OperationalError:
            self._warn()

    def _warn(self) -> None:
        logger.warning("link of job %s: the database is busy, it is tried again", self.job_id)
