"""Keeps one vendor account: its listing every 5 s, its starts, tests and room pushes, and doubtful creates."""

from __future__ import annotations

import asyncio
import logging

from django.conf import settings

from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import dispatch, inventory, outcomes, polls
from dashboard.live.relay.dispatch import Keeper
from dashboard.live.relay.sessions import session_of
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, Health, VendorAccount
from dashboard.vendors.port import Accepted, Gateway, Listing, NotSent, Rejected, Session

logger = logging.getLogger(__name__)

#: Listings that may fail in a row before the account counts as unreachable; one lost answer is no alarm.
FAILURES_BEFORE_ALARM = 2


class AccountKeeper:
    def __init__(self, account: VendorAccount, gateway: Gateway, keeper: Keeper) -> None:
        self.account = account
        self.gateway = gateway
        self.keeper = keeper
        self.wake = asyncio.Event()
        self._failures = 0
        self._first_look: dict[int, float] = {}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poll(), name=f"poll:{self.account.pk}")
            group.create_task(self._drain(), name=f"account-lanes:{self.account.pk}")

    async def _poll(self) -> None:
        while self.keeper.alive():
            began = clock.monotonic()
            try:
                await self._look()
            except Exception:
                logger.exception("listing of account %s was not applied", self.account.pk)
            await clock.current().sleep(max(0.2, settings.POLL_EVERY_S - (clock.monotonic() - began)))

    async def _look(self) -> None:
        outcome = await self.gateway.list_running()
        if not isinstance(outcome, Accepted):
            await self._failed(outcome)
            return
        if self._failures >= FAILURES_BEFORE_ALARM:
            logger.warning("account %s answers again", self.account.pk)
        self._failures = 0
        polled = await in_thread(polls.apply_listing, self.account.pk, outcome.value, self.keeper.relay)
        await in_thread(self._recover)
        for job in polled.missing:
            await dispatch.look(job, await in_thread(session_of, job), self.gateway)
        for command in polled.doubtful:
            await self._settle_create(command, outcome.value)

    def _recover(self) -> None:
        fresh = VendorAccount.objects.get(pk=self.account.pk)
        if fresh.health != Health.OK:
            polls.set_health(fresh, Health.OK)

    async def _failed(self, outcome: Rejected | NotSent | object) -> None:
        self._failures += 1
        if isinstance(outcome, Rejected):
            await in_thread(polls.set_health, self.account, Health.REFUSED, outcome.error)
        elif self._failures == FAILURES_BEFORE_ALARM:
            logger.warning("account %s does not answer", self.account.pk)
            await in_thread(polls.set_health, self.account, Health.UNREACHABLE)

    async def _settle_create(self, command: Command, listing: Listing) -> None:
        match = await in_thread(polls.match_create, command, listing, first_looked_at=self._first_look.get(command.pk))
        if match.job is None:
            return
        if match.vendor_ref:
            session = Session(vendor_ref=match.vendor_ref, room_ref=match.job.room.vendor_ref)
            await dispatch.adopt_if_found(match.job, session, self.gateway, by="listing")
        elif match.never:
            await in_thread(outcomes.create_never_arrived, match.job)
        else:
            self._first_look.setdefault(command.pk, clock.monotonic())

    async def _drain(self) -> None:
        while self.keeper.alive():
            self.wake.clear()
            try:
                await self._send_due()
            except Exception:
                logger.exception("commands of account %s stay in the outbox", self.account.pk)
            await wait_for(self.wake, settings.SWEEP_EVERY_S)

    async def _send_due(self) -> None:
        commands = await in_thread(
            lambda: list(outbox.due(account_id=self.account.pk).filter(kind__in=outbox.ACCOUNT_KINDS)[:20])
        )
        for command in commands:
            if command.kind == CommandKind.CREATE:
                await dispatch.start(command, self.keeper, self.gateway)
            else:
                await inventory.perform(command, self.account, self.keeper, self.gateway)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, at most `seconds`: a lost wake-up costs a second, never a sentence."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
