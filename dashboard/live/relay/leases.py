"""Who keeps what: relays show life by a rising beat, and take over what a dead one kept. See docs/live.md."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.lib.prepared import Prepared
from dashboard.lib.processes import is_gone
from dashboard.live.relay import shares
from dashboard.live.relay.shares import Waits
from dashboard.vendors.models import Relay, VendorAccount

_KEPT_JOB = Prepared(
    lambda pk, owner, epoch: Job.objects.select_for_update().filter(pk=pk, owner=owner, epoch=epoch).values_list("pk")
)


@dataclass(slots=True)
class Watch:
    """One relay's view of the others' beats, on its own monotonic clock: no two clocks have to agree."""

    seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    waits: Waits = field(default_factory=Waits)

    def is_dead(self, name: str, relays: dict[str, Relay], dead_after_s: float) -> bool:
        relay = relays.get(name)
        if relay is None or relay.leaving or (relay.host == socket.gethostname() and is_gone(relay.process)):
            return True
        now = clock.monotonic()
        beat, since = self.seen.get(name, (-1, now))
        if relay.beat != beat:
            self.seen[name] = (relay.beat, now)
            return False
        return now - since > dead_after_s


def register(name: str, address: str = "") -> Relay:
    now = clock.now()
    Relay.objects.filter(alive_until__lt=now - timedelta(days=1)).delete()
    return Relay.objects.create(
        name=name,
        host=socket.gethostname(),
        process=os.getpid(),
        address=address,
        started_at=now,
        alive_until=now + timedelta(seconds=settings.RELAY_DEAD_AFTER_S),
    )


def beat(name: str) -> bool:
    """Show life; False where this relay's row is gone."""
    until = clock.now() + timedelta(seconds=settings.RELAY_DEAD_AFTER_S)
    return bool(Relay.objects.filter(name=name).update(beat=F("beat") + 1, alive_until=until))


def leave(name: str) -> None:
    """Hand everything over at once: what has no owner is taken within a second."""
    Relay.objects.filter(name=name).update(leaving=True)
    Job.objects.filter(IS_OPEN, owner=name).update(owner="")
    VendorAccount.objects.filter(owner=name).update(owner="")
    Relay.objects.filter(name=name).delete()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a relay keeps now: id → epoch."""

    jobs: dict[int, int]
    accounts: dict[int, int]
    taken_jobs: tuple[int, ...] = ()
    #: More than its share, and free to be handed over: see `give_up`.
    surplus_jobs: tuple[int, ...] = ()
    surplus_accounts: tuple[int, ...] = ()


def take_work(name: str, watch: Watch) -> Holdings:
    """Take what has no living owner, as far as it is this relay's share; returns all that `name` keeps afterwards."""
    relays = {relay.name: relay for relay in Relay.objects.all()}
    living = sorted(one for one in relays if one == name or not watch.is_dead(one, relays, settings.RELAY_DEAD_AFTER_S))
    jobs = list(Job.objects.filter(IS_OPEN).values_list("id", "owner"))
    accounts = list(VendorAccount.objects.filter(archived_at=None).values_list("id", "owner"))
    taken, more_jobs = _take_share(Job, jobs, name, living, watch.waits)
    _, more_accounts = _take_share(VendorAccount, accounts, name, living, watch.waits)
    return Holdings(
        jobs=dict(Job.objects.filter(IS_OPEN, owner=name).values_list("id", "epoch")),
        accounts=dict(VendorAccount.objects.filter(owner=name, archived_at=None).values_list("id", "epoch")),
        taken_jobs=taken,
        surplus_jobs=shares.movable_jobs(name, more_jobs),
        surplus_accounts=shares.movable_accounts(name, more_accounts),
    )


def give_up(name: str, *, jobs: Iterable[int], accounts: Iterable[int]) -> None:
    """Let others have them; whoever kept them here has ended."""
    Job.objects.filter(pk__in=list(jobs), owner=name).update(owner="")
    VendorAccount.objects.filter(pk__in=list(accounts), owner=name).update(owner="")


def _take_share(
    model: type[Job] | type[VendorAccount], rows: list[tuple[int, str]], name: str, living: list[str], waits: Waits
) -> tuple[tuple[int, ...], int]:
    """What was taken, and how many more than its share this relay keeps."""
    others = {owner for _, owner in rows if owner not in living}
    free = [pk for pk, owner in rows if owner in others]
    mine, share = sum(owner == name for _, owner in rows), shares.fair(len(rows), len(living))
    overdue = waits.too_long(model, free)
    ids = shares.wanted(free, mine=mine, share=share, at=living.index(name) if name in living else 0, overdue=overdue)
    return _take(model, ids, name, others), mine - share


def _take(model: type[Job] | type[VendorAccount], ids: Iterable[int], name: str, free: set[str]) -> tuple[int, ...]:
    free_rows = model._default_manager.filter(owner__in=free)
    return tuple(pk for pk in ids if free_rows.filter(pk=pk).update(owner=name, epoch=F("epoch") + 1))


def still_keeps_job(job_id: int, name: str, epoch: int) -> bool:
    """Asked inside a claim's transaction: the row stays as it is until that commits."""
    with transaction.atomic():
        return bool(_KEPT_JOB.rows(pk=job_id, owner=name, epoch=epoch))


def still_keeps_account(account_id: int, name: str, epoch: int) -> bool:
    with transaction.atomic():
        return VendorAccount.objects.select_for_update().filter(pk=account_id, owner=name, epoch=epoch).exists()
