"""One relay: shows life, takes what nobody keeps, and runs a keeper for each account and job it holds.

A keeper that fails is logged, waits and starts again; it never takes the relay (or the console around it) down.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from dashboard.events import notices
from dashboard.events.notices import Notice
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.writer import writer
from dashboard.live.relay import dispatch, leases, reports, sweep
from dashboard.live.relay.account_keeper import AccountKeeper, wait_for
from dashboard.live.relay.dispatch import Keeper
from dashboard.live.relay.job_keeper import JobKeeper
from dashboard.live.relay.sessions import session_of
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import Gateway
from dashboard.vendors.registry import AddressRefused, make_gateway

logger = logging.getLogger(__name__)


def new_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"


class Relay:
    def __init__(self, name: str | None = None) -> None:
        self.name = name or new_name()
        self._beat_ok_at = 0.0
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        self._watch = leases.Watch()
        self._gateways: dict[int, tuple[str, Gateway]] = {}
        self._accounts: dict[int, tuple[AccountKeeper, asyncio.Task[None]]] = {}
        self._jobs: dict[int, tuple[JobKeeper, asyncio.Task[None]]] = {}
        self._job_accounts: dict[int, int] = {}

    def alive(self) -> bool:
        """Whether this relay may still act: nobody can have taken its work over yet."""
        return not self._stopping.is_set() and clock.monotonic() - self._beat_ok_at < settings.RELAY_DEAD_AFTER_S

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    async def run(self) -> None:
        """Until `stop()`. Ends with everything handed over."""
        await in_thread(leases.register, self.name)
        self._beat_ok_at = clock.monotonic()
        unsubscribe = notices.listen(self._on_notice)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._repeat("beat", self._beat, settings.RELAY_BEAT_EVERY_S))
                group.create_task(self._repeat("work", self._take_work, settings.SWEEP_EVERY_S))
                group.create_task(self._repeat("sweep", self._sweep, settings.SWEEP_EVERY_S))
                group.create_task(self._repeat("reports", self._report, settings.SWEEP_EVERY_S))
        finally:
            unsubscribe()
            await self._let_go()

    async def _repeat(self, name: str, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        while not self._stopping.is_set():
            try:
                await work()
            except Exception:
                logger.exception("relay %s: %s failed and is tried again", self.name, name)
            await wait_for(self._stopping, every_s)

    # ------------------------------------------------------------------------------------------------------- the rounds

    async def _beat(self) -> None:
        left = clock.monotonic()
        if await in_thread(leases.beat, self.name):
            self._beat_ok_at = left
        else:
            await in_thread(leases.register, self.name)

    async def _take_work(self) -> None:
        holdings = await in_thread(leases.take_work, self.name, self._watch)
        if holdings.taken_jobs:
            await in_thread(sweep.orphaned_commands, holdings.taken_jobs, self.name)
        await self._end_keepers(self._accounts, holdings.accounts)
        await self._end_keepers(self._jobs, holdings.jobs)
        for account_id, epoch in holdings.accounts.items():
            if account_id not in self._accounts:
                await self._keep_account(account_id, epoch)
        for job_id, epoch in holdings.jobs.items():
            if job_id not in self._jobs:
                await self._keep_job(job_id, epoch)

    async def _sweep(self) -> None:
        if not self.alive():
            return
        found = await in_thread(sweep.sweep, self.name)
        for job_id in found.waiting:
            if job_id in self._jobs:
                self._jobs[job_id][0].wake()
        for job_id in found.doubtful:
            if job_id in self._jobs:
                job, session = await in_thread(_job_and_session, job_id)
                await dispatch.read_queue(job, session, self._jobs[job_id][0].gateway, key="doubt")

    async def _report(self) -> None:
        for account_id, (_, gateway) in list(self._gateways.items()):
            if gateway.capabilities().event_report and self.alive():
                await reports.forward(account_id, self.name, gateway)

    # ------------------------------------------------------------------------------------------------------ the keepers

    async def _gateway(self, account: VendorAccount) -> Gateway:
        """One gateway per account for the life of the process; a changed credential makes a new one."""
        mark = f"{account.base_url}|{account.project_ref}|{account.region}|{account.credential}|{account.capabilities}"
        known = self._gateways.get(account.pk)
        if known is not None and known[0] == mark:
            return known[1]
        gateway = make_gateway(account, clock.current())
        self._gateways[account.pk] = (mark, gateway)
        if known is not None:
            of_account = {
                job_id: pair for job_id, pair in self._jobs.items() if self._job_accounts[job_id] == account.pk
            }
            for job_id, (_, task) in of_account.items():
                del self._jobs[job_id]  # taken up again within a second, with the new credential
                await _cancel(task)
            await known[1].close()
        return gateway

    async def _keep_account(self, account_id: int, epoch: int) -> None:
        account = await in_thread(VendorAccount.objects.get, pk=account_id)
        try:
            gateway = await self._gateway(account)
        except AddressRefused as error:
            logger.warning("account %s is not called: %s", account_id, error)
            return
        keeper = AccountKeeper(account, gateway, Keeper(self.name, epoch, self.alive))
        self._accounts[account_id] = (keeper, self._start(keeper.run, f"account:{account_id}"))

    async def _keep_job(self, job_id: int, epoch: int) -> None:
        job = await in_thread(Job.objects.select_related("account").get, pk=job_id)
        try:
            gateway = await self._gateway(job.account)
        except AddressRefused:
            return
        keeper = JobKeeper(job_id, gateway, Keeper(self.name, epoch, self.alive))
        self._job_accounts[job_id] = job.account_id
        self._jobs[job_id] = (keeper, self._start(keeper.run, f"job:{job_id}"))

    def _start(self, run: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
        async def keep() -> None:
            while self.alive():
                try:
                    await run()
                    return
                except asyncio.CancelledError:
                    raise
                except BaseExceptionGroup as group:
                    logger.exception("%s failed and starts again", name, exc_info=group)
                except Exception:
                    logger.exception("%s failed and starts again", name)
                await clock.current().sleep(1.0)

        return asyncio.create_task(keep(), name=name)

    async def _end_keepers(self, keepers: dict[int, tuple[Any, asyncio.Task[None]]], held: dict[int, int]) -> None:
        for key in list(keepers):
            keeper, task = keepers[key]
            if held.get(key) != keeper.keeper.epoch or task.done():
                del keepers[key]
                await _cancel(task)

    async def _let_go(self) -> None:
        for keepers in (self._jobs, self._accounts):
            await self._end_keepers(keepers, {})
        for _, gateway in self._gateways.values():
            with contextlib.suppress(Exception):
                await gateway.close()
        await in_thread(leases.leave, self.name)
        await in_thread(writer.stop)

    def _on_notice(self, notice: Notice) -> None:
        if not notice.topic.startswith("outbox:"):
            return
        account_id, job_id = (int(part) for part in notice.topic.split(":")[1:3])
        if account_id in self._accounts:
            self._accounts[account_id][0].wake.set()
        if job_id in self._jobs:
            self._jobs[job_id][0].wake()


def _job_and_session(job_id: int) -> tuple[Job, Any]:
    job = Job.objects.select_related("room", "account").get(pk=job_id)
    return job, session_of(job)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
