"""Asks one vendor account every 5 s for all that it runs, and tells when it stops answering."""

from __future__ import annotations

import logging

from django.conf import settings

from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.health import note_skew, set_health
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.lost_starts import LostStarts
from dashboard.live.relay.missing import Missing
from dashboard.live.relay.polls import apply_listing
from dashboard.vendors.models import Health, VendorAccount
from dashboard.vendors.port import Accepted, Gateway, NotSent, Rejected

logger = logging.getLogger(__name__)

#: Listings that may fail in a row before the account counts as unreachable; one lost answer is no alarm.
FAILURES_BEFORE_ALARM = 2


class AccountPoll:
    def __init__(self, account: VendorAccount, gateway: Gateway, keeper: Keeper) -> None:
        self.account = account
        self.gateway = gateway
        self.keeper = keeper
        self._failures = 0
        self._lost_starts = LostStarts(gateway)
        self._missing = Missing(account.pk, gateway)

    async def run(self) -> None:
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
        polled = await in_thread(apply_listing, self.account.pk, outcome.value, self.keeper.relay)
        await in_thread(self._now, Health.OK, outcome.value.skew_ms)
        await self._missing.ask_for(polled.missing, outcome.value)
        for command in polled.doubtful:
            await self._lost_starts.look_for(command, outcome.value)

    def _now(self, health: Health, skew_ms: int | None = None) -> None:
        """Each time, since the database may not have taken the change before; it is a change only once."""
        fresh = VendorAccount.objects.get(pk=self.account.pk)
        if skew_ms is not None:
            note_skew(fresh, skew_ms)
        if fresh.health != health:
            set_health(fresh, health)

    async def _failed(self, outcome: Rejected | NotSent | object) -> None:
        if isinstance(outcome, NotSent) and outcome.why == "rate_limit":
            return  # it answers, or we did not ask: what is shown grows old, but nothing is out of reach
        self._failures += 1
        if isinstance(outcome, Rejected):
            await in_thread(set_health, self.account, Health.REFUSED, outcome.error)
        elif self._failures >= FAILURES_BEFORE_ALARM:
            if self._failures == FAILURES_BEFORE_ALARM:
                logger.warning("account %s does not answer", self.account.pk)
            await in_thread(self._now, Health.UNREACHABLE)
