"""One relay: shows life, takes what nobody keeps, and does the rounds that no single account or job can do."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable

from django.conf import settings

from dashboard.events import notices
from dashboard.events.notices import Notice
from dashboard.lib import clock
from dashboard.lib.threads import in_thread, in_thread_at_once
from dashboard.live.intake.writer import writer
from dashboard.live.relay import doubts, leases, rounds, sweep
from dashboard.live.relay.keeper import finished, wait_for
from dashboard.live.relay.keepers import HERE, Keepers

logger = logging.getLogger(__name__)


def new_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"


class Relay:
    def __init__(self, name: str | None = None, *, address: str = "") -> None:
        self.name = name or new_name()
        #: Where other processes bring a microphone's sound; empty where they can't.
        self.address = address
        self._beat_ok_at = 0.0
        self._stopping = asyncio.Event()
        self._watch = leases.Watch()
        #: Jobs that were taken over, until what their last keeper was at has been doubted.
        self._orphaned: set[int] = set()
        #: Jobs whose vendor is to be asked what became of words without an answer.
        self._doubtful: set[int] = set()
        self._keepers = Keepers(self.name, self.alive)
        self._answers = rounds.Answers(self.name, self.alive)
        self._reports = rounds.Reports(self.name, self.alive)
        self._renewals = rounds.Renewals(self.name, self.alive)

    def alive(self) -> bool:
        """Whether this relay may still act: nobody can have taken its work over yet."""
        return not self._stopping.is_set() and clock.monotonic() - self._beat_ok_at < settings.RELAY_DEAD_AFTER_S

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Until `stop()`. Ends with everything handed over."""
        await in_thread(leases.register, self.name, self.address)
        self._beat_ok_at = clock.monotonic()
        HERE[self.name] = self._keepers
        unsubscribe = notices.listen(self._on_notice)
        try:
            every_s = settings.SWEEP_EVERY_S
            async with asyncio.TaskGroup() as group:
                group.create_task(self._repeat("beat", self._beat, settings.RELAY_BEAT_EVERY_S))
                group.create_task(self._repeat("work", self._take_work, every_s))
                group.create_task(self._repeat("windows", self._end_windows, rounds.WINDOWS_EVERY_S))
                group.create_task(self._repeat("signs", self._write_signs, every_s))
                group.create_task(self._repeat("rules", self._answers.answer, every_s))
                group.create_task(self._repeat("strangers", self._strangers, every_s))
                calling = [
                    group.create_task(self._repeat("sweep", self._sweep, every_s)),
                    group.create_task(self._repeat("doubts", self._settle_doubts, every_s)),
                    group.create_task(self._repeat("reports", self._report, every_s)),
                    group.create_task(self._repeat("tokens", self._renew_tokens, rounds.TOKENS_EVERY_S)),
                    group.create_task(self._repeat("rehearsals", rounds.rehearse, every_s)),
                ]
                group.create_task(self._break_off(calling))
        finally:
            unsubscribe()
            HERE.pop(self.name, None)
            await self._let_go()

    async def _repeat(self, name: str, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        while not self._stopping.is_set():
            try:
                await work()
            except Exception:
                logger.exception("relay %s: %s failed and is tried again", self.name, name)
            await wait_for(self._stopping, every_s)

    async def _break_off(self, calling: list[asyncio.Task[None]]) -> None:
        """A relay that ends waits no longer for vendors than for a command's answer: until it has, no heart beats."""
        await self._stopping.wait()
        await finished(calling)
        for task in calling:
            task.cancel()

    # ------------------------------------------------------------------------------------------------------- the rounds

    async def _beat(self) -> None:
        left = clock.monotonic()
        if await in_thread_at_once(leases.beat, self.name):  # never behind what a late beat has set off
            self._beat_ok_at = left
        else:
            await in_thread(leases.register, self.name, self.address)

    async def _take_work(self) -> None:
        holdings = await in_thread(leases.take_work, self.name, self._watch)
        self._orphaned.update(holdings.taken_jobs)
        self._orphaned &= holdings.jobs.keys()
        if self._orphaned:
            await in_thread(doubts.orphaned_commands, tuple(self._orphaned), self.name)
            self._orphaned.clear()
        await self._keepers.hold(accounts=holdings.accounts, jobs=holdings.jobs)
        if holdings.surplus_jobs or holdings.surplus_accounts:
            await self._hand_over(holdings)

    async def _hand_over(self, holdings: leases.Holdings) -> None:
        """What is more than this relay's share, to those that have less: first its keepers end, then it is free."""
        await self._keepers.let_go(jobs=holdings.surplus_jobs, accounts=holdings.surplus_accounts)
        jobs, accounts = holdings.surplus_jobs, holdings.surplus_accounts
        await in_thread(lambda: leases.give_up(self.name, jobs=jobs, accounts=accounts))

    async def _sweep(self) -> None:
        if not self.alive():
            return
        found = await in_thread(sweep.sweep, self.name)
        for job_id in found.waiting:
            self._keepers.wake_job(job_id)
        self._doubtful.update(found.doubtful)

    async def _settle_doubts(self) -> None:
        """In a round of its own: a vendor that does not answer keeps nobody's deadline waiting."""
        asked, self._doubtful = self._doubtful, set()
        answers = await asyncio.gather(*map(self._keepers.settle_doubts, asked), return_exceptions=True)
        for error in filter(None, answers):
            logger.error("words in doubt are asked for again", exc_info=error)

    async def _write_signs(self) -> None:
        await self._keepers.relay.signs.write(self.name)

    async def _end_windows(self) -> None:
        await rounds.end_windows(self.name, self.alive, self._stopping)

    async def _report(self) -> None:
        await rounds.report(self._keepers, self._reports)

    async def _renew_tokens(self) -> None:
        await rounds.renew_tokens(self._keepers, self._renewals)

    async def _strangers(self) -> None:
        await rounds.strangers(self.name)

    async def _let_go(self) -> None:
        await self._keepers.close()
        await in_thread(leases.leave, self.name)
        await in_thread(writer.stop)

    def _on_notice(self, notice: Notice) -> None:
        if not notice.topic.startswith("outbox:"):
            return
        _, account_id, job_id, lane = notice.topic.split(":")
        self._keepers.wake(int(account_id), int(job_id), lane)
