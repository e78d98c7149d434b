"""Who keeps what: a dead relay's work is taken over with a raised epoch, a living one's is left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.live.relay import leases
from dashboard.live.relay.leases import Watch
from dashboard.takeover.models import Floor
from dashboard.vendors.models import Command, CommandState, Relay, VendorAccount
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

DEAD_AFTER_S = 9.0


@pytest.fixture(autouse=True)
def timers(settings: Any, manual_clock: ManualClock) -> None:
    settings.RELAY_DEAD_AFTER_S = DEAD_AFTER_S


@pytest.fixture
def job(cast: Cast) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def keeper(job: Job) -> tuple[str, int]:
    return Job.objects.values_list("owner", "epoch").get(pk=job.pk)


def elsewhere(name: str) -> None:
    """A relay on another host: only its beat tells whether it lives."""
    leases.register(name)
    Relay.objects.filter(name=name).update(host="another-host", process=1)


def test_what_nobody_keeps_is_taken_with_a_raised_epoch(job: Job) -> None:
    leases.register("a")
    holdings = leases.take_work("a", Watch())
    assert (holdings.jobs, holdings.accounts, holdings.taken_jobs) == ({job.pk: 1}, {job.account_id: 1}, (job.pk,))
    assert keeper(job) == ("a", 1)
    assert VendorAccount.objects.values_list("owner", "epoch").get() == ("a", 1)
    again = leases.take_work("a", Watch())
    assert (again.jobs, again.taken_jobs) == ({job.pk: 1}, ())


def test_a_living_relays_work_is_left_alone(job: Job, manual_clock: ManualClock) -> None:
    elsewhere("a")
    leases.register("b")
    leases.take_work("a", Watch())
    watch = Watch()
    for _ in range(20):
        assert leases.take_work("b", watch).jobs == {}
        manual_clock.advance(3)
        assert leases.beat("a")
    assert keeper(job) == ("a", 1)


def test_a_beat_that_stands_still_for_nine_seconds_is_a_death(job: Job, manual_clock: ManualClock) -> None:
    elsewhere("a")
    leases.register("b")
    leases.take_work("a", Watch())
    watch = Watch()
    assert leases.take_work("b", watch).jobs == {}
    manual_clock.advance(DEAD_AFTER_S)
    assert leases.take_work("b", watch).jobs == {}
    manual_clock.advance(0.1)
    assert leases.take_work("b", watch).jobs == {job.pk: 2}
    assert keeper(job) == ("b", 2)
    assert not leases.still_keeps_job(job.pk, "a", 1)
    assert leases.still_keeps_job(job.pk, "b", 2)


def test_a_watcher_needs_nine_seconds_of_its_own(job: Job, manual_clock: ManualClock) -> None:
    """Clocks need not agree: who starts late has seen nothing yet, however old the row looks."""
    elsewhere("a")
    leases.take_work("a", Watch())
    manual_clock.advance(3600)
    leases.register("b")
    late = Watch()
    assert leases.take_work("b", late).jobs == {}
    manual_clock.advance(DEAD_AFTER_S + 1)
    assert leases.take_work("b", late).jobs == {job.pk: 2}


def test_one_beat_in_between_starts_the_watch_anew(job: Job, manual_clock: ManualClock) -> None:
    elsewhere("a")
    leases.take_work("a", Watch())
    leases.register("b")
    watch = Watch()
    for _ in range(3):
        assert leases.take_work("b", watch).jobs == {}
        manual_clock.advance(8)
        leases.beat("a")
    assert keeper(job) == ("a", 1)


def test_a_dead_process_of_this_host_is_known_at_once(job: Job) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    leases.register("a")
    Relay.objects.filter(name="a").update(process=process.pid)
    leases.take_work("a", Watch())
    leases.register("b")
    assert leases.take_work("b", Watch()).jobs == {job.pk: 2}


def test_a_living_process_of_this_host_is_not_taken_for_dead(job: Job) -> None:
    leases.register("a")
    Relay.objects.filter(name="a").update(process=os.getppid(), host=socket.gethostname())
    leases.take_work("a", Watch())
    leases.register("b")
    assert leases.take_work("b", Watch()).jobs == {}


def test_a_relay_without_a_row_is_dead(job: Job) -> None:
    leases.register("a")
    leases.take_work("a", Watch())
    Relay.objects.all().delete()
    assert not leases.beat("a")
    leases.register("b")
    assert leases.take_work("b", Watch()).jobs == {job.pk: 2}


def test_a_clean_stop_hands_over_at_once(job: Job) -> None:
    leases.register("a")
    leases.take_work("a", Watch())
    leases.leave("a")
    assert keeper(job) == ("", 1)
    assert Relay.objects.count() == 0
    leases.register("b")
    holdings = leases.take_work("b", Watch())
    assert (holdings.jobs, holdings.accounts) == ({job.pk: 2}, {job.account_id: 2})


def test_leaving_takes_nothing_from_others(job: Job) -> None:
    leases.register("a")
    leases.take_work("a", Watch())
    leases.register("b")
    leases.leave("b")
    assert keeper(job) == ("a", 1)


def test_what_is_over_is_kept_by_nobody(job: Job, cast: Cast) -> None:
    make.hear(job, JobSays.ENDED)
    VendorAccount.objects.update(archived_at=job.requested_at)
    leases.register("a")
    assert leases.take_work("a", Watch()).jobs == {}
    assert leases.take_work("a", Watch()).accounts == {}


def test_of_two_that_take_at_once_one_gets_it(job: Job) -> None:
    """The second one's list is old; its UPDATE finds the owner changed."""
    for name in ("a", "b"):
        leases.register(name)
    assert leases._take(Job, [job.pk], "a", {""}) == (job.pk,)
    assert leases._take(Job, [job.pk], "b", {""}) == ()
    assert keeper(job) == ("a", 1)


def test_beats_rise(job: Job) -> None:
    leases.register("a")
    assert [leases.beat("a") and Relay.objects.get().beat for _ in range(3)] == [1, 2, 3]


def test_rows_of_long_ago_are_swept(manual_clock: ManualClock) -> None:
    leases.register("old")
    manual_clock.advance(2 * 24 * 3600)
    leases.register("new")
    assert list(Relay.objects.values_list("name", flat=True)) == ["new"]


# ------------------------------------------------------------------------------------------------------------- shares


@pytest.fixture
def six(cast: Cast) -> list[Job]:
    account = make.account(cast.alpha)
    return [make.on_air(make.room(account, code=f"R{number}"), cast.oki) for number in range(6)]


def round_of(name: str, watch: Watch) -> leases.Holdings:
    """One second of a relay: it takes its share and gives up what is more."""
    holdings = leases.take_work(name, watch)
    leases.give_up(name, jobs=holdings.surplus_jobs, accounts=holdings.surplus_accounts)
    return holdings


def load() -> list[int]:
    owners = Job.objects.values_list("owner", flat=True)
    return sorted((sum(one == name for one in owners) for name in {*owners}), reverse=True)


def test_a_relay_that_joins_gets_its_share_and_nothing_goes_back_and_forth(six: list[Job]) -> None:
    watches = {name: Watch() for name in "abc"}
    leases.register("a")
    round_of("a", watches["a"])
    assert load() == [6]
    for names, loads in (("ab", [3, 3]), ("abc", [2, 2, 2])):
        leases.register(names[-1])
        for _ in range(3):
            for name in names:
                round_of(name, watches[name])
        assert load() == loads
    epochs = list(Job.objects.values_list("epoch", flat=True))
    for name in "abc":
        round_of(name, watches[name])
    assert list(Job.objects.values_list("epoch", flat=True)) == epochs


def test_what_a_relay_leaves_is_shared_by_the_others(six: list[Job]) -> None:
    watches = {name: Watch() for name in "abc"}
    for name in "abc":
        leases.register(name)
    for name in "abcabc":
        round_of(name, watches[name])
    leases.leave("c")
    for name in "abab":
        round_of(name, watches[name])
    assert load() == [3, 3]


def test_who_speaks_or_sends_is_not_handed_over(six: list[Job], cast: Cast) -> None:
    leases.register("a")
    round_of("a", Watch())
    speaking, sending, *_ = six
    Floor.objects.create(team_id=cast.alpha.pk, room=speaking.room, job=speaking, talker="page")
    item = make.takeover(sending, cast.oki)
    Command.objects.filter(trace_id=item.trace_id).update(state=CommandState.SENDING)
    leases.register("b")
    for _ in range(6):
        given = leases.take_work("a", Watch())
        assert not {speaking.pk, sending.pk} & set(given.surplus_jobs)
        leases.give_up("a", jobs=given.surplus_jobs, accounts=given.surplus_accounts)
    assert {keeper(speaking)[0], keeper(sending)[0]} == {"a"}
    assert load() == [3, 3]


def test_what_a_relay_does_not_take_though_it_lives_is_taken_by_another(
    six: list[Job], manual_clock: ManualClock
) -> None:
    leases.register("idle")
    leases.register("b")
    watch = Watch()
    round_of("b", watch)
    assert Job.objects.filter(owner="b").count() == 3
    for _ in range(3):
        leases.beat("idle")
        manual_clock.advance(2)
        holdings = leases.take_work("b", watch)
    assert len(holdings.jobs) == 6
