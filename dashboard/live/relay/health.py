"""How a vendor account does, and who is told when that changes."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from dashboard.events.kinds import Fact, Kind, kept
from dashboard.events.kinds import Health as HealthPayload
from dashboard.events.models import Sequence, Source
from dashboard.events.record import raise_sequence
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.vendors.models import SKEW_WARN_MS, Health, VendorAccount
from dashboard.vendors.port import VendorError
from dashboard.vendors.said import parts

logger = logging.getLogger(__name__)

#: The vendor's Date header counts whole seconds: less than this is no news.
SKEW_STEP_MS = 1_000


def set_health(
    account: VendorAccount, health: Health, error: VendorError | None = None, skew_ms: int | None = None
) -> None:
    """Log the edge, not the tick: an event only where the health changed, kept together with it or not at all."""
    now = clock.now()
    changes: dict[str, object] = {"health": health, "health_at": now, "health_error": kept(error) if error else None}
    if skew_ms is not None:
        changes["clock_skew_ms"] = skew_ms
    rows = VendorAccount.objects.filter(pk=account.pk)
    with transaction.atomic():
        if rows.values_list("health", flat=True).first() != health:
            _tell(account, health, error, now)
        rows.update(**changes)


def note_skew(account: VendorAccount, skew_ms: int) -> None:
    """Keep how far the vendor's clock is from ours; open pages are told when that begins or ceases to matter."""
    before = account.clock_skew_ms
    if before is not None and abs(skew_ms - before) < SKEW_STEP_MS:
        return
    was_off, is_off = account.is_clock_off, abs(skew_ms) >= SKEW_WARN_MS
    with transaction.atomic():
        if was_off != is_off:
            logger.warning("account %s: the vendor's clock is %+.1f s from ours", account.pk, skew_ms / 1000)
            raise_sequence(account.topic)
        VendorAccount.objects.filter(pk=account.pk).update(clock_skew_ms=skew_ms)


def _tell(account: VendorAccount, health: Health, error: VendorError | None, now: datetime) -> None:
    """The rooms' own screens name the account that is missing: they are told once per change, not per listing."""
    for topic in _rooms_on_air(account):
        raise_sequence(topic)
    payload = HealthPayload(health=str(health), **parts(error))
    fact = Fact(
        kind=Kind.ACCOUNT_HEALTH,
        payload=payload,
        source=Source.CONSOLE,
        dedupe_key=f"account.health:{account.pk}:{now.timestamp():.6f}",
        at=now,
        team_id=account.team_id,
        account_id=account.pk,
    )
    accept(fact)


def _rooms_on_air(account: VendorAccount) -> list[str]:
    """In the order in which every batch locks them: all stay locked until the change is written."""
    jobs = Job.objects.filter(IS_OPEN, account_id=account.pk)
    topics = [f"room:{room_id}" for room_id in jobs.values_list("room_id", flat=True)]
    return list(Sequence.objects.filter(topic__in=topics).order_by("id").values_list("topic", flat=True))
