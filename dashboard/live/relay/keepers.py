"""The keepers of one relay: one for each account and job that it holds, and the gateways that they share.

A keeper that fails is logged, waits and starts again; it never takes the relay (or the console around it) down.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.account_keeper import AccountKeeper
from dashboard.live.relay.job_keeper import JobKeeper
from dashboard.live.relay.keeper import Alive, Keeper, end_task
from dashboard.vendors import outbox
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import Gateway
from dashboard.vendors.registry import AddressRefused, make_gateway

logger = logging.getLogger(__name__)

#: What the relays of this process keep, by the relay's name: a microphone's sound gets there without a network.
HERE: dict[str, Keepers] = {}


class Keepers:
    def __init__(self, relay: str, alive: Alive) -> None:
        #: What all of its keepers have in common: name and signs of life.
        self.relay = Keeper(relay, 0, alive)
        self.alive = alive
        self._gateways: dict[int, tuple[str, Gateway]] = {}
        self._accounts: dict[int, tuple[AccountKeeper, asyncio.Task[None]]] = {}
        self._jobs: dict[int, tuple[JobKeeper, asyncio.Task[None]]] = {}
        self._job_accounts: dict[int, int] = {}

    async def hold(self, *, accounts: dict[int, int], jobs: dict[int, int]) -> None:
        """Keep exactly these (id → epoch): end the keepers of others, start the missing ones."""
        await self._end(self._accounts, accounts)
        await self._end(self._jobs, jobs)
        for account_id, epoch in accounts.items():
            if account_id not in self._accounts:
                await self._keep_account(account_id, epoch)
        for job_id, epoch in jobs.items():
            if job_id not in self._jobs:
                await self._keep_job(job_id, epoch)

    async def let_go(self, *, jobs: Iterable[int], accounts: Iterable[int]) -> None:
        """End these without breaking off what is on its way: then another relay may have them."""
        ended = [self._rest(self._jobs, job_id) for job_id in jobs if job_id in self._jobs]
        ended += [self._rest(self._accounts, one) for one in accounts if one in self._accounts]
        await asyncio.gather(*ended)

    async def _rest(self, keepers: dict[int, tuple[Any, asyncio.Task[None]]], key: int) -> None:
        keeper, task = keepers.pop(key)
        await keeper.rest()
        await end_task(task)

    async def close(self) -> None:
        await self.let_go(jobs=list(self._jobs), accounts=list(self._accounts))
        for _, gateway in self._gateways.values():
            with contextlib.suppress(Exception):
                await gateway.close()

    def gateways(self) -> list[tuple[int, Gateway]]:
        return [(account_id, gateway) for account_id, (_, gateway) in self._gateways.items()]

    def wake(self, account_id: int, job_id: int, lane: str) -> None:
        """A lane of that name has something due: a job's, or the account's, whose starts concern a job too."""
        self.wake_job(job_id, lane)
        if account_id in self._accounts and not outbox.is_of_job(lane):
            self._accounts[account_id][0].wake.set()

    def wake_job(self, job_id: int, lane: str = "") -> None:
        if job_id in self._jobs:
            self._jobs[job_id][0].wake(lane)

    def job(self, job_id: int) -> JobKeeper | None:
        """Who keeps this job here, if anybody."""
        found = self._jobs.get(job_id)
        return found[0] if found is not None else None

    async def settle_doubts(self, job_id: int) -> None:
        if job_id in self._jobs:
            await self._jobs[job_id][0].settle_doubts()

    async def _gateway(self, account: VendorAccount) -> Gateway:
        """One gateway per account for the life of the process; a changed credential makes a new one."""
        mark = f"{account.base_url}|{account.project_ref}|{account.region}|{account.credential}|{account.capabilities}"
        known = self._gateways.get(account.pk)
        if known is not None and known[0] == mark:
            return known[1]
        gateway = make_gateway(account, clock.current())
        self._gateways[account.pk] = (mark, gateway)
        if known is not None:
            # Whoever used the old one is taken up again within a second, with the new credential.
            jobs = [one for one in self._jobs if self._job_accounts[one] == account.pk]
            await self.let_go(jobs=jobs, accounts=[account.pk])
            await known[1].close()
        return gateway

    async def _keep_account(self, account_id: int, epoch: int) -> None:
        account = await in_thread(VendorAccount.objects.get, pk=account_id)
        try:
            gateway = await self._gateway(account)
        except AddressRefused as error:
            logger.warning("account %s is not called: %s", account_id, error)
            return
        keeper = AccountKeeper(account, gateway, self.relay.of(epoch, self.alive))
        self._accounts[account_id] = (keeper, self._start(keeper.run, f"account:{account_id}"))

    async def _keep_job(self, job_id: int, epoch: int) -> None:
        job = await in_thread(Job.objects.select_related("account").get, pk=job_id)
        try:
            gateway = await self._gateway(job.account)
        except AddressRefused:
            return
        keeper = JobKeeper(job_id, gateway, self.relay.of(epoch, self.alive))
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

    async def _end(self, keepers: dict[int, tuple[Any, asyncio.Task[None]]], held: dict[int, int]) -> None:
        for key in list(keepers):
            keeper, task = keepers[key]
            if held.get(key) != keeper.keeper.epoch or task.done():
                del keepers[key]
                await end_task(task)
