"""What a listing tells: only changes become events, strangers are noted, doubtful creates matched and never guessed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from dashboard.events.kinds import Kind
from dashboard.events.models import Event, Sequence
from dashboard.events.record import record_many
from dashboard.events.selectors import sequences
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.relay import account_poll, health, polls
from dashboard.live.relay.account_poll import AccountPoll
from dashboard.live.relay.health import set_health
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.lost_starts import CREATE_GRACE_S, Match, match_create
from dashboard.live.relay.outcomes import adoption, starts
from dashboard.live.relay.polls import REASON_WITHIN_S
from dashboard.vendors.models import Command, CommandState, Health, UnclaimedSession, VendorAccount, VendorKind
from dashboard.vendors.port import (
    Accepted,
    JobReport,
    JobSays,
    Listing,
    NotSent,
    Session,
    SessionOpened,
    Unknown,
    VendorError,
)
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    manual_clock.advance(60)
    return made


@pytest.fixture
def metastudio_job(cast: Cast, manual_clock: ManualClock) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)
    manual_clock.advance(60)
    return made


def report(ref: str, says: JobSays = JobSays.LIVE, *, at: datetime | None = None, **more: Any) -> JobReport:
    return JobReport(ref, says, at or clock.now(), **more)


def listing(*reports: JobReport) -> Listing:
    return Listing(reports, clock.now())


def apply(account_id: int, *reports: JobReport) -> polls.Polled:
    return polls.apply_listing(account_id, listing(*reports), "r1")


def state_events(job: Job) -> list[str]:
    found = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_STATE, data__by="poll").order_by("id")
    return [event.data["says"] for event in found]


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


# ------------------------------------------------------------------------------------------------------------- changes


def test_only_a_change_is_an_event(job: Job, manual_clock: ManualClock) -> None:
    for _ in range(3):
        apply(job.account_id, report(job.vendor_ref))
        manual_clock.advance(5)
    assert state_events(job) == []
    apply(job.account_id, report(job.vendor_ref, JobSays.PAUSED))
    apply(job.account_id, report(job.vendor_ref, JobSays.PAUSED))
    assert (state_events(job), state(job)) == (["paused"], "paused")


def test_a_good_listing_is_fresh_as_of_when_it_was_asked(job: Job) -> None:
    asked = clock.now()
    apply(job.account_id, report(job.vendor_ref))
    assert VendorAccount.objects.get(pk=job.account_id).poll_ok_at == asked


def test_a_job_keeps_when_a_listing_last_had_it(job: Job, manual_clock: ManualClock) -> None:
    """What was asked of it alone, once it is not listed any more, tells of its end only, not since when."""
    had_it = clock.now()
    apply(job.account_id, report(job.vendor_ref))
    manual_clock.advance(30)
    apply(job.account_id)
    manual_clock.advance(5)
    apply(job.account_id)
    assert Job.objects.get(pk=job.pk).listed_until == had_it
    apply(job.account_id, report(job.vendor_ref))
    assert Job.objects.get(pk=job.pk).listed_until is None
    had_it = clock.now()
    manual_clock.advance(5)
    apply(job.account_id, report(job.vendor_ref, JobSays.ENDED))
    assert Job.objects.get(pk=job.pk).listed_until == had_it


def test_a_job_that_no_listing_ever_had_is_known_from_its_start(job: Job, manual_clock: ManualClock) -> None:
    for _ in range(2):
        apply(job.account_id)
        manual_clock.advance(5)
    kept = Job.objects.get(pk=job.pk)
    assert kept.listed_until == kept.billed_from


def test_a_listing_that_left_before_a_new_job_was_there_proves_nothing(cast: Cast, manual_clock: ManualClock) -> None:
    account = make.account(cast.alpha)
    apply(account.pk)
    manual_clock.advance(30)
    job = make.on_air(make.room(account), cast.oki)
    manual_clock.advance(3)
    apply(account.pk)
    manual_clock.advance(1)
    make.hear(job, JobSays.ENDED)
    ended = Job.objects.get(pk=job.pk)
    assert ended.ended_at is not None
    assert ended.listed_until == ended.billed_from


def test_what_was_asked_before_the_last_change_says_nothing(job: Job, manual_clock: ManualClock) -> None:
    old = clock.now()
    manual_clock.advance(1)
    job = make.hear(job, JobSays.PAUSED)
    apply(job.account_id, report(job.vendor_ref, JobSays.LIVE, at=old))
    assert (state_events(job), state(job)) == ([], "paused")


@pytest.mark.parametrize("says", [JobSays.PAUSED, JobSays.TAKEN_OVER])
def test_the_coarse_word_for_running_undoes_no_finer_one(
    metastudio_job: Job, manual_clock: ManualClock, says: JobSays
) -> None:
    job = make.hear(metastudio_job, says)
    manual_clock.advance(5)
    apply(job.account_id, report(job.vendor_ref, JobSays.LIVE, coarse=True))
    assert (state_events(job), state(job)) == ([], says)
    apply(job.account_id, report(job.vendor_ref, JobSays.FAILED))
    assert state(job) == "failed"


def test_the_coarse_word_starts_a_job_where_nothing_finer_was_told(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.job(make.room(make.account(cast.alpha, VendorKind.METASTUDIO, command_channel=False)), cast.oki)
    Job.objects.filter(pk=job.pk).update(vendor_ref="v-1")
    manual_clock.advance(5)
    apply(job.account_id, report("v-1", JobSays.LIVE, coarse=True))
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.state, fresh.rung) == ("live", 3)


def test_one_listing_costs_the_same_queries_for_one_or_many_quiet_jobs(cast: Cast, manual_clock: ManualClock) -> None:
    one, many = make.account(cast.alpha), make.account(cast.alpha)
    jobs = {account.pk: [make.on_air(make.room(account), cast.oki)] for account in (one, many)}
    jobs[many.pk] += [make.on_air(make.room(many), cast.oki) for _ in range(3)]
    manual_clock.advance(60)
    counts = []
    for account_id, listed in jobs.items():
        with CaptureQueriesContext(connection) as queries:
            apply(account_id, *(report(job.vendor_ref) for job in listed))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# ------------------------------------------------------------------------------------------------------------- missing


def test_an_open_job_that_is_not_listed_is_asked_for(job: Job) -> None:
    assert [one.pk for one in apply(job.account_id).missing] == [job.pk]
    assert state(job) == "live"  # absence is no end
    assert apply(job.account_id, report(job.vendor_ref)).missing == ()


def test_a_job_that_was_bound_just_now_may_be_missing(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    manual_clock.advance(4)
    assert apply(job.account_id).missing == ()
    manual_clock.advance(2)
    assert [one.pk for one in apply(job.account_id).missing] == [job.pk]


def test_neither_what_ended_nor_another_accounts_job_is_missed(job: Job, cast: Cast) -> None:
    other = make.account(cast.alpha)
    assert apply(other.pk).missing == ()
    apply(job.account_id, report(job.vendor_ref, JobSays.ENDED))
    assert apply(job.account_id).missing == ()


def test_a_job_whose_channel_told_its_end_is_asked_for_the_reason(
    metastudio_job: Job, manual_clock: ManualClock
) -> None:
    """PLAY_END is one word for every end; a moment later the job itself says that it was blocked."""
    job = make.hear(metastudio_job, JobSays.ENDED)
    assert state(job) == "ended"
    assert [one.pk for one in apply(job.account_id).missing] == [job.pk]
    stat = fact_of(job, JobReport(job.vendor_ref, JobSays.BLOCKED, clock.now()), Heard("stat", "stat:1"))
    record_many([stat], PROJECTIONS)
    assert state(job) == "blocked"
    assert apply(job.account_id).missing == ()


def test_a_reason_is_asked_for_a_minute_and_no_longer(metastudio_job: Job, manual_clock: ManualClock) -> None:
    job = make.hear(metastudio_job, JobSays.ENDED)
    stat = fact_of(job, JobReport(job.vendor_ref, JobSays.LIVE, clock.now(), coarse=True), Heard("stat", "stat:1"))
    record_many([stat], PROJECTIONS)  # it is over a moment later
    assert [one.pk for one in apply(job.account_id).missing] == [job.pk]
    manual_clock.advance(REASON_WITHIN_S + 1)
    assert apply(job.account_id).missing == ()
    assert state(job) == "ended"


# ----------------------------------------------------------------------------------------------------------- strangers


def test_a_session_that_nobody_here_started_is_noted_and_forgotten_when_it_ends(
    job: Job, manual_clock: ManualClock
) -> None:
    began = clock.now() - timedelta(hours=1)
    stranger = report("s-9", JobSays.LIVE, user_data="theirs", started_at=began, room_ref="r-9")
    apply(job.account_id, report(job.vendor_ref), stranger)
    noted = UnclaimedSession.objects.get()
    assert (noted.vendor_ref, noted.state, noted.user_data, noted.room_ref) == ("s-9", "live", "theirs", "r-9")
    assert (noted.first_seen_at, noted.seen_at) == (began, clock.now())
    manual_clock.advance(5)
    apply(job.account_id, report(job.vendor_ref), report("s-9", JobSays.PAUSED))
    again = UnclaimedSession.objects.get()
    assert (again.state, again.user_data, again.first_seen_at, again.seen_at) == (
        "paused",
        "theirs",
        began,
        clock.now(),
    )
    apply(job.account_id, report(job.vendor_ref))
    assert UnclaimedSession.objects.count() == 0


def test_a_decision_about_a_stranger_is_kept_while_the_vendor_lists_it(job: Job, manual_clock: ManualClock) -> None:
    apply(job.account_id, report("s-9"))
    UnclaimedSession.objects.update(decision="close", decided_by=1, decided_at=clock.now())
    manual_clock.advance(5)
    apply(job.account_id, report("s-9"))
    assert UnclaimedSession.objects.get().decision == "close"
    apply(job.account_id)
    assert UnclaimedSession.objects.count() == 0  # the trail has it


def test_an_end_that_the_vendor_took_and_that_changed_nothing_is_offered_again(
    job: Job, manual_clock: ManualClock
) -> None:
    apply(job.account_id, report("s-9"))
    UnclaimedSession.objects.update(decision="close", decided_by=1, decided_at=clock.now())
    manual_clock.advance(31)
    apply(job.account_id, report("s-9"))
    row = UnclaimedSession.objects.get()
    assert row.decision == ""
    assert row.error is not None


def test_pages_are_told_when_a_stranger_comes_and_goes_and_not_in_between(job: Job) -> None:
    topics = [f"team:{job.team_id}", f"account:{job.account_id}"]

    def numbers() -> list[int]:
        found = sequences(topics)
        return [found[topic] for topic in topics]

    before = numbers()
    apply(job.account_id, report("s-9"))
    came = numbers()
    assert [after - once for once, after in zip(before, came, strict=True)] == [1, 1]
    apply(job.account_id, report("s-9"))
    assert numbers() == came
    apply(job.account_id)
    assert numbers() != came


def test_a_job_that_is_over_here_and_runs_there_is_found(job: Job, manual_clock: ManualClock) -> None:
    make.hear(job, JobSays.LOST)
    apply(job.account_id, report(job.vendor_ref))
    assert UnclaimedSession.objects.count() == 0  # a listing may lag behind an end
    manual_clock.advance(31)
    apply(job.account_id, report(job.vendor_ref))
    assert UnclaimedSession.objects.get().job_id == job.pk
    assert state(job) == "lost"


def test_what_a_vendor_lists_as_over_is_nobodys_ghost(job: Job) -> None:
    apply(job.account_id, report("s-9", JobSays.FAILED))
    assert UnclaimedSession.objects.count() == 0


def test_strangers_are_per_account(job: Job, cast: Cast) -> None:
    other = make.account(cast.alpha)
    apply(job.account_id, report("s-9"))
    apply(other.pk)
    assert UnclaimedSession.objects.get().account_id == job.account_id


# ----------------------------------------------------------------------------------------------------- doubtful creates


@pytest.fixture
def doubtful(cast: Cast, manual_clock: ManualClock) -> Command:
    """A create that left and was never answered."""
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    command = Command.objects.get(job_id=job.pk, kind="create")
    Command.objects.filter(pk=command.pk).update(state=CommandState.SENDING, claimed_at=clock.now())
    command.refresh_from_db()
    starts.created(job, command, Unknown("timeout"))
    command.refresh_from_db()
    manual_clock.advance(5)
    return command


def match(command: Command, *reports: JobReport, first: float | None = None) -> Match:
    return match_create(command, listing(*reports), first_looked_at=first)


def test_a_doubtful_create_is_named_by_every_listing(doubtful: Command) -> None:
    assert apply(doubtful.account_id).doubtful == (doubtful,)
    starts.create_never_arrived(Job.objects.get(pk=doubtful.job_id))
    assert apply(doubtful.account_id).doubtful == ()


def test_our_own_mark_decides_among_many(doubtful: Command) -> None:
    mine = report("s-2", user_data=f"talkback-{doubtful.job_id}")
    found = match(doubtful, report("s-1"), mine, report("s-3"))
    assert (found.vendor_ref, found.never) == ("s-2", False)
    assert found.job is not None
    assert found.job.pk == doubtful.job_id


def test_the_one_new_session_is_it(doubtful: Command) -> None:
    assert match(doubtful, report("s-1")).vendor_ref == "s-1"
    assert match(doubtful, report("s-1", started_at=clock.now() - timedelta(seconds=4))).vendor_ref == "s-1"


def test_two_new_sessions_are_not_guessed(doubtful: Command) -> None:
    found = match(doubtful, report("s-1"), report("s-2"), first=clock.monotonic() - 100)
    assert (found.vendor_ref, found.never) == ("", False)
    assert found.job is not None


@pytest.mark.parametrize(
    "about",
    [
        pytest.param({"started_at": datetime.fromisoformat("2026-03-14T05:00:00+00:00")}, id="older than the create"),
        pytest.param({"user_data": "talkback-4242"}, id="another job's mark"),
    ],
)
def test_what_cannot_be_it_is_no_candidate(doubtful: Command, about: dict[str, Any]) -> None:
    assert match(doubtful, report("s-1", **about)).vendor_ref == ""


def test_a_session_that_is_another_jobs_is_no_candidate(doubtful: Command, cast: Cast) -> None:
    account = VendorAccount.objects.get(pk=doubtful.account_id)
    other = make.on_air(make.room(account), cast.oki)
    assert match(doubtful, report(other.vendor_ref)).vendor_ref == ""


def test_another_rooms_session_is_no_candidate_where_the_vendor_tells_rooms(doubtful: Command) -> None:
    job = Job.objects.select_related("room").get(pk=doubtful.job_id)
    job.room.vendor_ref = "room-1"
    job.room.save(update_fields=["vendor_ref"])
    assert match(doubtful, report("s-1", room_ref="room-2")).vendor_ref == ""
    assert match(doubtful, report("s-1", room_ref="room-1")).vendor_ref == "s-1"


def test_absence_proves_it_only_after_ten_seconds(doubtful: Command, manual_clock: ManualClock) -> None:
    first = clock.monotonic()
    assert match(doubtful).never is False
    manual_clock.advance(CREATE_GRACE_S - 0.1)
    assert match(doubtful, first=first).never is False
    manual_clock.advance(0.1)
    assert match(doubtful, first=first).never is True
    assert match(doubtful, report("s-1"), first=first).vendor_ref == "s-1"


def test_a_create_that_was_settled_meanwhile_is_left_alone(doubtful: Command) -> None:
    job = Job.objects.select_related("room", "account").get(pk=doubtful.job_id)
    adoption.adopt(job, SessionOpened(Session(vendor_ref="s-1")), by="callback")
    assert match(doubtful, report("s-2")) == Match(None)


def test_what_may_be_a_start_in_doubt_is_called_nobodys_only_later(
    doubtful: Command, manual_clock: ManualClock
) -> None:
    apply(doubtful.account_id, report("s-1"), report("s-2"))
    assert UnclaimedSession.objects.count() == 0
    manual_clock.advance(20)
    apply(doubtful.account_id, report("s-1"), report("s-2"))
    assert UnclaimedSession.objects.count() == 2


def test_an_adopted_session_is_a_stranger_no_more(doubtful: Command, manual_clock: ManualClock) -> None:
    manual_clock.advance(20)
    apply(doubtful.account_id, report("s-1"))
    assert UnclaimedSession.objects.count() == 1
    job = Job.objects.select_related("room", "account").get(pk=doubtful.job_id)
    adoption.adopt(job, SessionOpened(Session(vendor_ref="s-1")), by="listing")
    apply(doubtful.account_id, report("s-1"))
    assert UnclaimedSession.objects.count() == 0
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.state, fresh.vendor_ref, fresh.error) == ("live", "s-1", None)


# -------------------------------------------------------------------------------------------------------------- health


def test_health_is_an_event_only_when_it_changes(job: Job, manual_clock: ManualClock) -> None:
    account = VendorAccount.objects.get(pk=job.account_id)
    error = VendorError(code="401", happened=("No.", "否。"), todo=("Check.", "检查。"))
    for _ in range(3):
        set_health(account, Health.REFUSED, error)
    account.refresh_from_db()
    assert (account.health, account.health_error["code"], account.health_at) == ("refused", "401", clock.now())
    assert Event.objects.filter(kind=Kind.ACCOUNT_HEALTH).count() == 1
    manual_clock.advance(1)
    set_health(account, Health.OK, skew_ms=40)
    account.refresh_from_db()
    assert (account.health, account.health_error, account.clock_skew_ms) == ("ok", None, 40)
    assert Event.objects.filter(kind=Kind.ACCOUNT_HEALTH).count() == 2


class Silent:
    """A vendor that answers nothing, or nothing but empty listings."""

    answers = False

    async def list_running(self) -> Any:
        return listing_of_none() if self.answers else NotSent("no_connection")


def listing_of_none() -> Accepted[Listing]:
    return Accepted(Listing((), clock.now()))


@pytest.mark.parametrize("where", ["raise_sequence", "accept"])
def test_a_change_of_health_that_the_database_did_not_take_is_told_later(
    job: Job, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    account = VendorAccount.objects.get(pk=job.account_id)

    def fail(*_: object) -> None:
        raise OperationalError("database is locked")

    seq = Sequence.objects.get(topic=job.topic).seq
    monkeypatch.setattr(health, where, fail)
    with pytest.raises(OperationalError):
        set_health(account, Health.UNREACHABLE)
    monkeypatch.undo()
    account.refresh_from_db()
    assert (account.health, Sequence.objects.get(topic=job.topic).seq) == ("ok", seq)
    set_health(account, Health.UNREACHABLE)
    assert Event.objects.filter(kind=Kind.ACCOUNT_HEALTH).count() == 1
    assert Sequence.objects.get(topic=job.topic).seq == seq + 1


@pytest.mark.django_db(transaction=True)
async def test_a_silence_that_the_database_did_not_take_is_told_with_the_next_listing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await in_thread(make.account, cast.alpha)
    silent, kept = Silent(), account_poll.set_health
    poll = AccountPoll(account, silent, Keeper("r1", 1, lambda: True))  # type: ignore[arg-type]

    def fail(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(account_poll, "set_health", fail)
    await poll._look()
    with pytest.raises(OperationalError):
        await poll._look()
    monkeypatch.setattr(account_poll, "set_health", kept)
    for _ in range(2):
        await poll._look()
    told = Event.objects.filter(kind=Kind.ACCOUNT_HEALTH).order_by("id")
    assert await in_thread(lambda: [event.data["health"] for event in told.all()]) == ["unreachable"]
    silent.answers = True
    await poll._look()
    assert await in_thread(lambda: [event.data["health"] for event in told.all()]) == ["unreachable", "ok"]
