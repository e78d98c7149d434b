"""The outbox: one sending per lane, one doubtful create per account, and only the keeper of the hour may claim."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dashboard.events import notices
from dashboard.events.notices import Notice
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.relay import leases
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Rank, VendorAccount
from tests import cast as make
from tests.cast import Cast


@pytest.fixture
def account(cast: Cast, manual_clock: ManualClock) -> VendorAccount:
    made = make.account(cast.alpha)
    Command.objects.all().delete()  # its connection test
    return made


def enqueue(account: VendorAccount, lane: str = "job:1:speak", **more: Any) -> Command:
    fields: dict[str, Any] = {"kind": CommandKind.SAY, "job_id": 1, **more}
    return outbox.enqueue(account_id=account.pk, lane=lane, **fields)


def claim(command: Command, *, mine: bool = True, epoch: int = 1) -> bool:
    return outbox.claim(command, relay="r1", epoch=epoch, still_mine=lambda: mine)


def fresh(command: Command) -> Command:
    return Command.objects.get(pk=command.pk)


@pytest.mark.django_db
class TestClaiming:
    def test_a_claim_is_durable_with_owner_epoch_and_deadline(self, account: VendorAccount) -> None:
        command = enqueue(account)
        assert claim(command, epoch=7)
        claimed = fresh(command)
        assert (claimed.state, claimed.relay, claimed.epoch, claimed.attempts) == ("sending", "r1", 7, 1)
        assert claimed.claimed_at == clock.now()
        assert claimed.deadline_at == clock.now() + timedelta(seconds=outbox.DEADLINE_S)

    def test_only_one_of_a_lane_is_sending(self, account: VendorAccount) -> None:
        first, second, elsewhere = enqueue(account), enqueue(account), enqueue(account, "job:1:stop")
        assert claim(first)
        assert not claim(first)
        assert not claim(second)
        assert claim(elsewhere)
        assert outbox.settle(first, CommandState.ACCEPTED)
        assert claim(second)

    @pytest.mark.parametrize("state", sorted(set(CommandState) - {CommandState.READY}))
    def test_only_what_is_ready_can_be_claimed(self, account: VendorAccount, state: str) -> None:
        command = enqueue(account)
        Command.objects.filter(pk=command.pk).update(state=state)
        assert not claim(command)
        assert fresh(command).state == state

    def test_who_is_not_the_keeper_claims_nothing(self, account: VendorAccount) -> None:
        command = enqueue(account)
        assert not claim(command, mine=False)
        assert (fresh(command).state, fresh(command).attempts) == ("ready", 0)

    def test_the_fence_reads_owner_and_epoch_in_the_claims_transaction(self, cast: Cast) -> None:
        job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
        Job.objects.filter(pk=job.pk).update(owner="r1", epoch=3)
        command = Command.objects.get(job_id=job.pk, kind="say")

        def by(relay: str, epoch: int) -> bool:
            return outbox.claim(
                command, relay=relay, epoch=epoch, still_mine=lambda: leases.still_keeps_job(job.pk, relay, epoch)
            )

        assert not by("r1", 2)  # an epoch that is over
        assert not by("r1", 4)
        assert not by("r2", 3)  # another relay
        assert by("r1", 3)
        assert not by("r1", 3)

    def test_the_fence_of_an_account(self, account: VendorAccount) -> None:
        VendorAccount.objects.filter(pk=account.pk).update(owner="r1", epoch=3)
        assert leases.still_keeps_account(account.pk, "r1", 3)
        assert not leases.still_keeps_account(account.pk, "r1", 2)
        assert not leases.still_keeps_account(account.pk, "r2", 3)

    def test_a_lost_race_leaves_the_callers_transaction_whole(self, account: VendorAccount) -> None:
        first, second = enqueue(account), enqueue(account)
        assert claim(first)
        with transaction.atomic():
            assert not claim(second)
            enqueue(account, "job:9:speak")
        assert Command.objects.count() == 3


@pytest.mark.django_db
class TestCreates:
    """SoftSugar's creates carry no answer that could be matched later, so a doubtful one shuts its lane."""

    def create(self, account: VendorAccount, lane: str = "") -> Command:
        return enqueue(account, lane or f"account:{account.pk}:create", kind=CommandKind.CREATE)

    def test_a_doubtful_create_blocks_the_next_of_its_lane(self, account: VendorAccount) -> None:
        first, second = self.create(account), self.create(account)
        assert claim(first)
        assert outbox.settle(first, CommandState.UNKNOWN)
        assert not claim(second)
        assert outbox.settle(first, CommandState.REJECTED)
        assert claim(second)

    def test_it_blocks_no_other_lane_and_no_other_kind(self, account: VendorAccount) -> None:
        first, other = self.create(account), self.create(account, "account:99:create")
        assert claim(first)
        assert outbox.settle(first, CommandState.UNKNOWN)
        assert claim(other)
        assert claim(enqueue(account))

    def test_a_doubtful_sentence_blocks_nothing(self, account: VendorAccount) -> None:
        first, second = enqueue(account), enqueue(account)
        assert claim(first)
        assert outbox.settle(first, CommandState.UNKNOWN)
        assert claim(second)


@pytest.mark.django_db
class TestWaitingAndSettling:
    def test_due_is_by_rank_then_age_and_only_when_its_time_has_come(
        self, account: VendorAccount, manual_clock: ManualClock
    ) -> None:
        script = enqueue(account, rank=Rank.SCRIPT)
        person = enqueue(account)
        later = enqueue(account, rank=Rank.PANIC, not_before=clock.now() + timedelta(seconds=5))
        now = enqueue(account, rank=Rank.PERSON_NOW)
        enqueue(account, "job:2:speak")
        assert list(outbox.due(lanes=["job:1:speak"])) == [now, person, script]
        assert outbox.next_due("job:1:speak") == now
        manual_clock.advance(5)
        assert outbox.due(lanes=["job:1:speak"]).first() == outbox.next_due("job:1:speak") == later
        assert outbox.due(account_id=account.pk).count() == 5
        assert outbox.due(account_id=account.pk + 1).count() == 0

    def test_put_back_waits_and_says_why(self, account: VendorAccount, manual_clock: ManualClock) -> None:
        command = enqueue(account)
        assert claim(command)
        assert outbox.put_back(command, after_s=2.5, reason="rate_limit")
        waiting = fresh(command)
        assert (waiting.state, waiting.wait_reason, waiting.deadline_at) == ("ready", "rate_limit", None)
        assert not outbox.due(lanes=[command.lane]).exists()
        assert outbox.next_due(command.lane) is None
        manual_clock.advance(2.5)
        assert outbox.due(lanes=[command.lane]).get() == outbox.next_due(command.lane) == command
        assert claim(command)
        assert (fresh(command).wait_reason, fresh(command).attempts) == ("", 2)

    @pytest.mark.parametrize("state", sorted(set(CommandState) - {CommandState.SENDING}))
    def test_only_what_is_sending_is_put_back(self, account: VendorAccount, state: str) -> None:
        """An unknown outcome above all: it may have happened."""
        command = enqueue(account)
        Command.objects.filter(pk=command.pk).update(state=state)
        assert not outbox.put_back(command, after_s=0, reason="busy")
        assert fresh(command).state == state

    def test_settling_is_once(self, account: VendorAccount, manual_clock: ManualClock) -> None:
        command = enqueue(account)
        assert not outbox.settle(command, CommandState.ACCEPTED)  # it never left
        assert claim(command)
        manual_clock.advance(1)
        assert outbox.settle(command, CommandState.ACCEPTED, vendor_ref="v", request_id="q")
        settled = fresh(command)
        assert (settled.state, settled.vendor_ref, settled.request_id) == ("accepted", "v", "q")
        assert settled.settled_at == clock.now()
        assert not outbox.settle(command, CommandState.REJECTED)
        assert fresh(command).state == "accepted"

    def test_a_doubt_can_be_settled_later_and_keeps_what_was_known(self, account: VendorAccount) -> None:
        command = enqueue(account)
        assert claim(command)
        assert outbox.settle(command, CommandState.UNKNOWN, request_id="q")
        assert outbox.settle(command, CommandState.ACCEPTED, vendor_ref="v")
        assert (fresh(command).vendor_ref, fresh(command).request_id) == ("v", "q")

    def test_withdrawn_is_only_what_has_not_left(self, account: VendorAccount) -> None:
        sending, waiting = enqueue(account), enqueue(account)
        assert claim(sending)
        assert outbox.withdraw(Command.objects.filter(lane="job:1:speak")) == 1
        assert (fresh(sending).state, fresh(waiting).state) == ("sending", "withdrawn")
        assert not claim(waiting)

    def test_overdue_is_what_is_sending_past_its_deadline(
        self, account: VendorAccount, manual_clock: ManualClock
    ) -> None:
        command, other = enqueue(account), enqueue(account, "job:2:speak")
        assert claim(command)
        assert claim(other)
        outbox.settle(other, CommandState.UNKNOWN)
        manual_clock.advance(outbox.DEADLINE_S)
        assert list(outbox.overdue()) == []
        manual_clock.advance(0.1)
        assert list(outbox.overdue()) == [command]

    def test_relays_are_woken_after_the_commit(
        self, account: VendorAccount, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        told: list[Notice] = []
        monkeypatch.setattr(notices, "_publish", told.extend)
        with django_capture_on_commit_callbacks(execute=True):
            enqueue(account)
            enqueue(account, "account:1:test", job_id=None, kind=CommandKind.TEST)
            assert told == []
        assert told == [Notice(f"outbox:{account.pk}:1:speak", 0), Notice(f"outbox:{account.pk}:0:test", 0)]

    def test_a_trace_id_is_asked_for_once(self, account: VendorAccount) -> None:
        enqueue(account, trace_id="t")
        with pytest.raises(IntegrityError), transaction.atomic():
            enqueue(account, trace_id="t")


@pytest.mark.django_db(transaction=True)
def test_threads_that_race_for_a_lane_send_one_at_a_time(cast: Cast) -> None:
    account = make.account(cast.alpha)
    commands = [enqueue(account) for _ in range(4)]
    barrier = threading.Barrier(8)

    def race(number: int) -> int | None:
        command = commands[number % 4]
        barrier.wait(20)
        try:
            return command.pk if claim(command) else None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        won = [pk for pk in threads.map(race, range(8)) if pk is not None]
    sending = list(Command.objects.filter(lane="job:1:speak", state="sending").values_list("pk", flat=True))
    assert len(won) == 1
    assert sending == won
    assert Command.objects.get(pk=won[0]).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_threads_that_race_for_one_command_claim_it_once(cast: Cast) -> None:
    command = enqueue(make.account(cast.alpha))
    barrier = threading.Barrier(6)

    def race(number: int) -> bool:
        barrier.wait(20)
        try:
            return outbox.claim(command, relay=f"r{number}", epoch=1, still_mine=lambda: True)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(race, range(6))) == 1
    assert fresh(command).attempts == 1
