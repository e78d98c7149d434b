"""Keeps one vendor account: its listing every 5 s, its starts, tests and room pushes."""

from __future__ import annotations

import asyncio
import logging

from django.conf import settings

from dashboard.lib import trace
from dashboard.lib.threads import in_thread
from dashboard.live.relay import end_sessions, inventory, starts
from dashboard.live.relay.account_poll import AccountPoll
from dashboard.live.relay.keeper import Keeper, end_together, finished, wait_for
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandKind, VendorAccount
from dashboard.vendors.port import Gateway

logger = logging.getLogger(__name__)


class AccountKeeper:
    def __init__(self, account: VendorAccount, gateway: Gateway, keeper: Keeper) -> None:
        self.account = account
        self.gateway = gateway
        self._rests = False
        #: Once it rests it begins nothing, whatever the relay's beat says then: it is about to be broken off.
        self.keeper = keeper.of(keeper.epoch, lambda: keeper.alive() and not self._rests)
        self.wake = asyncio.Event()
        self._draining: list[asyncio.Task[None]] = []
        self._poll = AccountPoll(account, gateway, self.keeper)

    async def run(self) -> None:
        self._rests = False
        polling = asyncio.create_task(self._poll.run(), name=f"poll:{self.account.pk}")
        self._draining = [asyncio.create_task(self._drain(), name=f"account-lanes:{self.account.pk}")]
        await end_together([polling, *self._draining], self.rest)

    async def rest(self) -> None:
        """Nothing more is sent; what is on its way is not broken off."""
        self._rests = True
        self.wake.set()
        await finished(self._draining)

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
            if not self.keeper.alive():
                return
            with trace.following(command.trace_id, command.origin):
                if command.kind == CommandKind.CREATE:
                    await starts.start(command, self.keeper, self.gateway)
                elif command.kind == CommandKind.END_SESSION:
                    await end_sessions.end(command, self.keeper, self.gateway)
                else:
                    await inventory.perform(command, self.account, self.keeper, self.gateway)
