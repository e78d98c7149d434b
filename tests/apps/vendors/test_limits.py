"""The vendors' rate limits, shared by all processes through one row per account and API."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.vendors import limits
from dashboard.vendors.limits import PANIC_LATE_S, WINDOW_S, SharedLimiter, close_window, documented_limit, try_leave
from dashboard.vendors.models import RateWindow, VendorAccount, VendorKind
from dashboard.vendors.port import Purpose
from tests import cast as make
from tests.cast import Cast

API = "execute_smart_live_command"


@pytest.fixture
def account(cast: Cast, manual_clock: ManualClock) -> VendorAccount:
    return make.account(cast.alpha, VendorKind.METASTUDIO)


def leave(account: VendorAccount, purpose: Purpose = Purpose.PANIC, *, per_s: int = 5, api: str = API) -> float:
    return try_leave(account_id=account.pk, api=api, per_s=per_s, purpose=purpose, now=clock.now())


@pytest.mark.django_db
def test_so_many_leave_in_a_window_and_the_next_one_waits_for_the_oldest(
    account: VendorAccount, manual_clock: ManualClock
) -> None:
    for _ in range(5):
        assert leave(account) == 0.0
        manual_clock.advance(0.1)
    assert leave(account) == pytest.approx(WINDOW_S - 0.5)
    manual_clock.advance(WINDOW_S - 0.5 - 0.01)
    assert leave(account) > 0
    manual_clock.advance(0.02)
    assert leave(account) == 0.0
    assert leave(account) > 0


@pytest.mark.django_db
def test_who_waits_does_not_ask_for_the_database_s_one_writer(account: VendorAccount) -> None:
    """A dozen that look again and again would keep it from a panic."""
    while leave(account, Purpose.TAKEOVER) == 0.0:
        pass
    with CaptureQueriesContext(connection) as asked:
        assert leave(account, Purpose.TAKEOVER) > 0
    assert [query["sql"].partition(" ")[0] for query in asked.captured_queries] == ["SELECT"]


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", Purpose)
def test_the_less_urgent_leave_room_for_the_more_urgent(account: VendorAccount, purpose: Purpose) -> None:
    left = 0
    while leave(account, purpose) == 0.0:
        left += 1
    assert left == 5 - int(purpose)
    assert leave(account, Purpose.PANIC) == (0.0 if purpose else pytest.approx(WINDOW_S))


@pytest.mark.django_db
@pytest.mark.parametrize("per_s", [1, 2])
@pytest.mark.parametrize("purpose", Purpose)
def test_even_the_last_gets_one_place(account: VendorAccount, purpose: Purpose, per_s: int) -> None:
    assert leave(account, purpose, per_s=per_s) == 0.0


@pytest.mark.django_db
def test_nobody_takes_the_place_that_a_panic_waits_for(account: VendorAccount, manual_clock: ManualClock) -> None:
    """Not even while it is late for it: rooms ÷ limit holds for a panic of all rooms on a busy account."""
    for _ in range(5):
        assert leave(account) == 0.0
    assert leave(account) == pytest.approx(WINDOW_S)  # the sixth room
    manual_clock.advance(WINDOW_S + 0.01)
    assert leave(account, Purpose.TAKEOVER) == pytest.approx(PANIC_LATE_S - 0.01)
    assert leave(account) == 0.0
    manual_clock.advance(PANIC_LATE_S)
    assert leave(account, Purpose.TAKEOVER) == 0.0


@pytest.mark.django_db
def test_windows_are_per_account_and_api(account: VendorAccount, cast: Cast) -> None:
    other = make.account(cast.alpha, VendorKind.METASTUDIO)
    assert [leave(account, per_s=1), leave(other, per_s=1), leave(account, per_s=1, api="list")] == [0.0, 0.0, 0.0]
    assert leave(account, per_s=1) > 0
    assert RateWindow.objects.count() == 3


@pytest.mark.django_db
def test_only_the_last_departures_are_kept(account: VendorAccount, manual_clock: ManualClock) -> None:
    for _ in range(30):
        leave(account, per_s=3)
        manual_clock.advance(0.7)
    row = RateWindow.objects.get()
    assert len(row.departures) <= 3
    assert row.version > 10


@pytest.mark.django_db
def test_a_closed_window_opens_after_its_time(account: VendorAccount, manual_clock: ManualClock) -> None:
    assert leave(account) == 0.0
    close_window(account_id=account.pk, api=API, for_s=4.0)
    assert leave(account) == 4.0
    manual_clock.advance(3.5)
    assert leave(account, Purpose.PANIC) == 0.5
    manual_clock.advance(0.5)
    assert leave(account) == 0.0


@pytest.mark.django_db
def test_the_place_after_a_refused_panic_is_the_panics(account: VendorAccount, manual_clock: ManualClock) -> None:
    close_window(account_id=account.pk, api=API, for_s=0.25, to_panic=True)
    manual_clock.advance(0.3)  # it comes back a moment late
    assert leave(account, Purpose.TAKEOVER) == pytest.approx(0.2)
    assert leave(account, Purpose.PANIC) == 0.0
    manual_clock.advance(0.2)
    assert leave(account, Purpose.TAKEOVER) == 0.0


@pytest.mark.django_db
def test_the_longer_of_two_closings_counts(account: VendorAccount, manual_clock: ManualClock) -> None:
    close_window(account_id=account.pk, api=API, for_s=4.0)  # also where nothing left yet
    close_window(account_id=account.pk, api=API, for_s=1.0)
    assert leave(account) == 4.0
    assert leave(account, api="another") == 0.0


@pytest.mark.django_db(transaction=True)
async def test_what_one_process_was_refused_all_wait_for(cast: Cast, manual_clock: ManualClock) -> None:
    account = await asyncio.to_thread(make.account, cast.alpha, VendorKind.METASTUDIO)
    here, there = SharedLimiter(account, manual_clock), SharedLimiter(account, manual_clock)
    await here.refused(API, 9.0)
    assert await there.admit(API, Purpose.PANIC) == 9.0
    manual_clock.advance(9.0)
    assert await there.admit(API, Purpose.PANIC) is None


@pytest.mark.django_db(transaction=True)
async def test_an_api_without_a_documented_limit_is_closed_too(cast: Cast, manual_clock: ManualClock) -> None:
    account = await asyncio.to_thread(make.account, cast.alpha, VendorKind.SOFTSUGAR)
    here, there = SharedLimiter(account, manual_clock), SharedLimiter(account, manual_clock)
    assert await there.closed("queue_list") is None
    await here.refused("queue_list", 7.0)
    manual_clock.advance(2.0)
    assert (await there.closed("queue_list"), await there.closed("channel_stat")) == (5.0, None)
    manual_clock.advance(5.0)
    assert await there.closed("queue_list") is None


@pytest.mark.django_db(transaction=True)
async def test_a_busy_database_hides_no_outcome(
    cast: Cast, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor said no: an error here would leave the command in doubt, although nothing happened."""
    account = await asyncio.to_thread(make.account, cast.alpha, VendorKind.SOFTSUGAR)

    def busy(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(limits, "close_window", busy)
    monkeypatch.setattr(limits, "closed_for", busy)
    limiter = SharedLimiter(account, manual_clock)
    await limiter.refused("queue_list", 7.0)
    assert await limiter.closed("queue_list") is None


@pytest.mark.django_db
def test_who_lost_the_race_for_the_row_asks_again(account: VendorAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    assert leave(account) == 0.0
    real = RateWindow.objects.get_or_create

    def overtaken(*args: object, **kwargs: object) -> object:
        found = real(*args, **kwargs)
        RateWindow.objects.filter(pk=found[0].pk).update(version=found[0].version + 1)
        return found

    class Rows:
        filter = RateWindow.objects.filter

        def select_for_update(self) -> Rows:
            return self

        def get_or_create(self, **kwargs: object) -> object:
            return overtaken(**kwargs)

    monkeypatch.setattr(RateWindow, "objects", Rows())
    assert leave(account) == 0.02


@pytest.mark.django_db(transaction=True)
def test_threads_together_keep_the_limit(cast: Cast) -> None:
    account = make.account(cast.alpha, VendorKind.METASTUDIO)
    now, barrier = clock.now(), threading.Barrier(8)

    def ask(_: int) -> float:
        barrier.wait(20)
        try:
            return try_leave(account_id=account.pk, api=API, per_s=5, purpose=Purpose.PANIC, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(ask, range(8)))
    assert waits.count(0.0) <= 5
    assert len(RateWindow.objects.get().departures) == waits.count(0.0)


def test_limits_come_from_the_contract() -> None:
    assert documented_limit("metastudio", API, "cn-north-4") == 4
    assert documented_limit("metastudio", API, "cn-east-3") == 3
    assert documented_limit("metastudio", API, "a region that is not printed") == 3  # the least of them
    assert documented_limit("softsugar", "queue_list", "") is None
    with pytest.raises(KeyError):
        documented_limit("metastudio", "no such call", "")


@pytest.mark.django_db(transaction=True)
async def test_the_limiter_waits_patiently_and_then_gives_up(cast: Cast, manual_clock: ManualClock) -> None:
    account = await asyncio.to_thread(make.account, cast.alpha, VendorKind.METASTUDIO)
    limiter = SharedLimiter(account, manual_clock)
    per_s = documented_limit("metastudio", API, account.region)
    assert per_s is not None
    for _ in range(per_s):
        assert await limiter.admit(API, Purpose.PANIC) is None
    waiting = asyncio.create_task(limiter.admit(API, Purpose.PANIC))
    while not manual_clock._sleepers:  # noqa: ASYNC110  the clock has no event for it
        await asyncio.sleep(0.001)
    assert not waiting.done()
    manual_clock.advance(WINDOW_S + 0.01)
    assert await asyncio.wait_for(waiting, 10) is None
    await asyncio.to_thread(close_window, account_id=account.pk, api=API, for_s=limits.PANIC_PATIENCE_S + 1)
    assert await limiter.admit(API, Purpose.PANIC) == limits.PANIC_PATIENCE_S + 1


@pytest.mark.django_db(transaction=True)
async def test_a_call_without_a_documented_limit_just_leaves(cast: Cast, manual_clock: ManualClock) -> None:
    account = await asyncio.to_thread(make.account, cast.alpha, VendorKind.SOFTSUGAR)
    limiter = SharedLimiter(account, manual_clock)
    assert [await limiter.admit("queue_list", Purpose.POLL) for _ in range(20)] == [None] * 20
    assert await asyncio.to_thread(RateWindow.objects.count) == 0


def test_a_windows_second_is_a_little_longer_than_the_vendors() -> None:
    assert timedelta(seconds=WINDOW_S) > timedelta(seconds=1)


@pytest.mark.django_db
@pytest.mark.parametrize("per_s", [3, 5])
def test_a_panic_takes_every_place_of_a_busy_account(
    account: VendorAccount, manual_clock: ManualClock, per_s: int
) -> None:
    """Takeovers and edits ask all the time; the last room's silence leaves within rooms ÷ limit + 0.5 s."""
    rooms, busy = 8, [Purpose.TAKEOVER] * 3 + [Purpose.EDIT, Purpose.POLL]
    for _ in range(2 * per_s):
        leave(account, Purpose.TAKEOVER, per_s=per_s)
        manual_clock.advance(0.1)
    pressed, waiting = clock.monotonic(), dict.fromkeys(range(rooms), 0.0)
    left: list[float] = []
    while waiting and (now := clock.monotonic() - pressed) < rooms:
        for purpose in busy:  # always a moment earlier than the panic
            leave(account, purpose, per_s=per_s)
        for room in [room for room, again in waiting.items() if again <= now]:
            wait = leave(account, Purpose.PANIC, per_s=per_s)
            if wait == 0.0:
                del waiting[room]
                left.append(now)
            else:
                waiting[room] = now + wait
        manual_clock.advance(0.02)
    assert left[0] <= 0.2
    assert (len(left), left[-1]) <= (rooms, rooms / per_s + 0.5)


@pytest.mark.django_db(transaction=True)
async def test_places_are_asked_for_in_the_threads_of_the_database(cast: Cast, manual_clock: ManualClock) -> None:
    """Only those open a connection again that broke; any other keeps a dead one for ever."""
    account = await asyncio.to_thread(make.account, cast.alpha, VendorKind.METASTUDIO)
    others = ThreadPoolExecutor(1, thread_name_prefix="another")
    asyncio.get_running_loop().set_default_executor(others)
    assert await SharedLimiter(account, manual_clock).admit(API, Purpose.PANIC) is None
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("another")] == []


@pytest.mark.django_db
def test_a_panic_that_comes_keeps_the_places_that_are_free(account: VendorAccount, manual_clock: ManualClock) -> None:
    assert leave(account, Purpose.TAKEOVER) == 0.0
    limits.panic_comes([account.pk])
    assert leave(account, Purpose.TAKEOVER) == limits.PANIC_COMES_S
    assert leave(account, Purpose.PANIC) == 0.0
    manual_clock.advance(limits.PANIC_COMES_S)
    assert leave(account, Purpose.TAKEOVER) == 0.0
