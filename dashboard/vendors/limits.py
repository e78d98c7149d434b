"""The vendors' documented rate limits, shared by all processes through one row per account and API.

A call leaves when fewer than N - reserve departures lie in the last 1.05 s (5 % more than the documented second, since
our clock and the vendor's do not tick together). Panic keeps nothing in reserve, polls keep the most; while a panic
waits, and until a moment after, nothing else leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet

from dashboard.lib import clock, metrics
from dashboard.lib.clock import Clock
from dashboard.lib.threads import in_thread, in_thread_at_once
from dashboard.lib.turns import first_in_line
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.models import RateWindow, VendorAccount
from dashboard.vendors.port import Purpose

logger = logging.getLogger(__name__)

WINDOW_S = 1.05
#: A takeover waits at most this long inside the call; beyond it the outbox holds it and the screen says why.
PATIENCE_S = 2.5
#: A panic waits in line rather than come back later: each place that is free goes to the next room at once.
PANIC_PATIENCE_S = 8.5
#: So much later than its place is free a panic may come back for it, on a busy machine.
PANIC_LATE_S = 0.25
#: From the press to the relay's first question, on a busy machine.
PANIC_COMES_S = 1.0


def documented_limit(vendor: str, api: str, region: str) -> int | None:
    """Calls per second of one API in a region, or None where the vendor documents none."""
    limits = contract(vendor).endpoint(api).rate_limit
    if not limits:
        return None
    return limits.get(region) or min(limits.values())


def try_leave(*, account_id: int, api: str, per_s: int, purpose: Purpose, now: datetime) -> float:
    """0.0 where the call may leave now (its departure is noted), else the seconds until it is worth asking again.

    Looks before it writes: dozens that wait must not keep the database's one writer from a panic. Only a panic that
    waits writes: it stands first.
    """
    places = per_s - min(int(purpose), per_s - 1)
    seen = next(iter(RateWindow.objects.filter(account_id=account_id, api=api)), None)
    if seen is not None and (wait := _wait(seen, places, purpose, now)) > 0:
        _keep_place(seen, purpose, now, wait)
        return wait
    with transaction.atomic():
        row, _ = RateWindow.objects.select_for_update().get_or_create(
            account_id=account_id, api=api, defaults={"per_s": per_s}
        )
        if (wait := _wait(row, places, purpose, now)) > 0:
            _keep_place(row, purpose, now, wait)
            return wait
        departures = [*_recent(row, now), now.timestamp()][-per_s:]
        changed = RateWindow.objects.filter(pk=row.pk, version=row.version).update(
            departures=departures, version=row.version + 1, per_s=per_s
        )
        return 0.0 if changed else 0.02


def _recent(row: RateWindow, now: datetime) -> list[float]:
    return [left for left in row.departures if now.timestamp() - left < WINDOW_S]


def panic_comes(account_ids: Collection[int]) -> None:
    """Every place that is free from now on is for the panic that is about to be sent."""
    until = clock.now() + timedelta(seconds=PANIC_COMES_S)
    with first_in_line():
        _only_panic(RateWindow.objects.filter(account_id__in=account_ids), until)


def _only_panic(windows: QuerySet[RateWindow], until: datetime) -> None:
    windows.filter(Q(panic_until=None) | Q(panic_until__lt=until)).update(panic_until=until)


def _keep_place(row: RateWindow, purpose: Purpose, now: datetime, wait: float) -> None:
    """Others leave the next place to the panic that waits for it. A busy database must not keep the panic itself."""
    if purpose != Purpose.PANIC:
        return
    until = now + timedelta(seconds=wait + PANIC_LATE_S)
    with suppress(OperationalError), transaction.atomic():
        _only_panic(RateWindow.objects.filter(pk=row.pk), until)


def _wait(row: RateWindow, places: int, purpose: Purpose, now: datetime) -> float:
    """Seconds until a call that may take `places` of the window is worth a try; 0.0 where one is free."""
    if row.closed_until and row.closed_until > now:
        return (row.closed_until - now).total_seconds()
    if purpose != Purpose.PANIC and row.panic_until and row.panic_until > now:
        return (row.panic_until - now).total_seconds()
    recent = _recent(row, now)
    return 0.0 if len(recent) < places else max(0.02, WINDOW_S - (now.timestamp() - recent[0]))


def close_window(*, account_id: int, api: str, for_s: float, to_panic: bool = False) -> None:
    """The vendor answered 429: nobody asks this API again before `for_s` seconds have passed.

    Where a panic was refused, it goes first then: whoever else waits would take the place that it comes back for.
    """
    until = clock.now() + timedelta(seconds=for_s)
    with transaction.atomic():
        row, _ = RateWindow.objects.select_for_update().get_or_create(
            account_id=account_id, api=api, defaults={"per_s": 0}
        )
        if row.closed_until is None or row.closed_until < until:
            row.closed_until = until
            row.save(update_fields=["closed_until"])
        if to_panic:
            _only_panic(RateWindow.objects.filter(pk=row.pk), until + timedelta(seconds=PANIC_LATE_S))


def closed_for(*, account_id: int, api: str, now: datetime) -> float | None:
    """Seconds until the vendor may be asked again, None where it refused nothing."""
    closed = RateWindow.objects.filter(account_id=account_id, api=api, closed_until__gt=now)
    until = closed.values_list("closed_until", flat=True).first()
    return (until - now).total_seconds() if until is not None else None


class SharedLimiter:
    """`port.Limiter` for one account."""

    def __init__(self, account: VendorAccount, timer: Clock) -> None:
        self._account_id = account.pk
        self._vendor = account.vendor
        self._region = account.region
        self._clock = timer

    async def admit(self, api: str, purpose: Purpose) -> float | None:
        per_s = documented_limit(self._vendor, api, self._region)
        if per_s is None:
            return None
        patience = PANIC_PATIENCE_S if purpose == Purpose.PANIC else PATIENCE_S
        began = self._clock.monotonic()
        wait = await self._wait_for_place(api, purpose, per_s, give_up=began + patience)
        metrics.waited(self._vendor, self._clock.monotonic() - began, in_vain=wait is not None)
        return wait

    async def _wait_for_place(self, api: str, purpose: Purpose, per_s: int, *, give_up: float) -> float | None:
        while True:
            wait = await self._try(api, per_s, purpose)
            if wait == 0.0:
                return None
            if self._clock.monotonic() + wait > give_up:
                return wait
            await self._clock.sleep(wait)

    async def _try(self, api: str, per_s: int, purpose: Purpose) -> float:
        asked = partial(try_leave, account_id=self._account_id, api=api, per_s=per_s, purpose=purpose)
        if purpose == Purpose.PANIC:
            return await in_thread_at_once(asked, now=self._clock.now())
        return await in_thread(asked, now=self._clock.now())

    async def closed(self, api: str) -> float | None:
        try:
            return await in_thread(closed_for, account_id=self._account_id, api=api, now=self._clock.now())
        except OperationalError:
            return None  # the vendor itself still says no

    async def refused(self, api: str, for_s: float, *, to_panic: bool = False) -> None:
        """Raises nothing: the command that was refused must be settled, whatever the others get to know."""
        logger.warning("account %s: too many requests to %s, closed for %.1f s", self._account_id, api, for_s)
        try:
            in_line = in_thread_at_once if to_panic else in_thread
            await in_line(close_window, account_id=self._account_id, api=api, for_s=for_s, to_panic=to_panic)
        except OperationalError:
            logger.warning("account %s: that %s is closed was not noted", self._account_id, api)
