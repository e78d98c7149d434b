"""What a relay owes the jobs that it takes over, and what it keeps apart."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import OperationalError

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.live.relay import doubts, leases
from dashboard.live.relay.account_keeper import AccountKeeper
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.start_claims import claim_start
from dashboard.live.relay.supervisor import Relay
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorAccount
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


async def test_what_a_dead_relay_was_sending_is_doubted_though_the_database_was_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await in_thread(lambda: make.on_air(make.room(make.account(cast.alpha)), cast.oki))
    relay, asked = Relay("r1"), []
    await in_thread(leases.register, "r1")

    def doubted(jobs: Iterable[int], _: str) -> None:
        asked.append(list(jobs))
        if len(asked) == 1:
            raise OperationalError("the database is away")

    async def hold(**_: object) -> None:
        return

    monkeypatch.setattr(doubts, "orphaned_commands", doubted)
    monkeypatch.setattr(relay._keepers, "hold", hold)
    with pytest.raises(OperationalError):
        await relay._take_work()
    for _ in range(2):
        await relay._take_work()
    assert asked == [[job.pk], [job.pk]]


async def test_one_vendor_that_fails_keeps_no_other_words_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    relay, asked = Relay("r1"), []

    async def settle(job_id: int) -> None:
        asked.append(job_id)
        if job_id == 1:
            raise OperationalError("the database is away")

    monkeypatch.setattr(relay._keepers, "settle_doubts", settle)
    relay._doubtful = {1, 2}
    await relay._settle_doubts()
    await relay._settle_doubts()
    assert sorted(asked) == [1, 2]


async def test_a_keeper_that_rests_claims_nothing_whatever_the_relays_beat_says(cast: Cast) -> None:
    """It is about to be broken off: what it claimed then would be left without an answer."""

    def begin() -> tuple[VendorAccount, Command]:
        job: Job = make.job(make.room(make.account(cast.alpha)), cast.oki)
        VendorAccount.objects.filter(pk=job.account_id).update(owner="r1", epoch=1)
        return job.account, Command.objects.get(kind=CommandKind.CREATE)

    account, command = await in_thread(begin)
    kept = AccountKeeper(account, None, Keeper("r1", 1, lambda: True))  # type: ignore[arg-type]
    await kept.rest()
    assert await in_thread(claim_start, command, kept.keeper) is None
    assert await in_thread(lambda: Command.objects.get(pk=command.pk).state) == CommandState.READY
    again = AccountKeeper(account, None, Keeper("r1", 1, lambda: True))  # type: ignore[arg-type]
    assert await in_thread(claim_start, command, again.keeper) is not None
