"""Any order and any repeats of what is told about one job end in the same state (docs/live.md, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboard.events.kinds import (
    Fact,
    JobLink,
    JobState,
    JobStream,
    Kind,
    Nothing,
    Payload,
    Remaining,
    ScriptPosition,
    Told,
)
from dashboard.events.models import Event, Source
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.jobs.states import END_WEIGHT, order, told
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.vendors.models import Command, VendorKind
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

LIMITS = settings(
    derandomize=True,
    max_examples=80,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking would take minutes
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RUNNING = ("ready", "live", "paused", "taken_over")
ENDS = ("ended", "lost", "failed", "blocked")


@dataclass(frozen=True)
class Report:
    """A state as the vendor tells it, `second` after the start was asked for (its clock may be behind ours)."""

    says: str
    second: int
    by: str = "poll"
    coarse: bool = False


seconds = st.integers(min_value=-2, max_value=4)  # few, so that some are equal
#: SoftSugar: listing, stat and callback tell the same fine states.
SOFTSUGAR = st.builds(
    Report, st.sampled_from(("preparing", *RUNNING, *ENDS)), seconds, st.sampled_from(("poll", "stat", "callback"))
)
SOFTSUGAR_OPEN = st.builds(Report, st.sampled_from(("preparing", *RUNNING)), seconds, st.just("poll"))
#: MetaStudio: the listing has one word for all that runs, the command channel has the fine ones.
METASTUDIO = st.one_of(
    st.builds(Report, st.just("live"), seconds, st.just("poll"), st.just(True)),
    st.builds(Report, st.sampled_from(("preparing", *ENDS)), seconds, st.just("poll")),
    st.builds(Report, st.sampled_from(("preparing", *RUNNING, "ended")), seconds, st.just("socket")),
)
METASTUDIO_OPEN = st.one_of(
    st.builds(Report, st.just("live"), seconds, st.just("poll"), st.just(True)),
    st.builds(Report, st.sampled_from(("preparing", *RUNNING)), seconds, st.just("socket")),
)


def fact(job: Job, kind: Kind, payload: Payload, key: str, second: float) -> Fact:
    return Fact(
        kind=kind,
        payload=payload,
        source=Source.VENDOR,
        dedupe_key=f"{kind}:{key}",
        at=job.requested_at + timedelta(seconds=second),
        team_id=job.team_id,
        account_id=job.account_id,
        room_id=job.room_id,
        job_id=job.pk,
    )


def fact_of(job: Job, report: Report) -> Fact:
    payload = JobState(says=report.says, by=report.by, coarse=report.coarse)
    return fact(job, Kind.JOB_STATE, payload, f"{report}", report.second)


def state_after(job: Job, facts: list[Fact], batch: int = 1) -> str:
    with transaction.atomic():
        for first in range(0, len(facts), batch):
            record_many(facts[first : first + batch], PROJECTIONS)
        assert not Event.objects.filter(job_id=job.pk, outcome="failed").exists()
        assert Command.objects.filter(job_id=job.pk, kind="go_live").count() <= 1
        state = Job.objects.get(pk=job.pk).state
        transaction.set_rollback(True)
    return state


def expected(reports: list[Report]) -> str:
    """The rule, said another way: the worst end, else the newest word; fine before coarse, the air before ready."""
    ends = [told(report.says) for report in reports if report.says in ENDS]
    if ends:
        return max(ends, key=END_WEIGHT.__getitem__)
    running = [report for report in reports if report.says in RUNNING]
    if not running:
        return "starting"
    fine = [report for report in running if not report.coarse] or running
    on_air = [report for report in fine if report.says != "ready"] or fine
    return told(max(on_air, key=lambda report: (report.second, order(told(report.says)))).says)


def started(cast: Cast, vendor: VendorKind) -> Job:
    return make.job(make.room(make.account(cast.alpha, vendor)), cast.oki)


@pytest.mark.parametrize(
    ("vendor", "told_by"),
    [
        pytest.param(VendorKind.SOFTSUGAR, SOFTSUGAR, id="softsugar"),
        pytest.param(VendorKind.SOFTSUGAR, SOFTSUGAR_OPEN, id="softsugar running"),
        pytest.param(VendorKind.METASTUDIO, METASTUDIO, id="metastudio"),
        pytest.param(VendorKind.METASTUDIO, METASTUDIO_OPEN, id="metastudio running"),
    ],
)
def test_reports_in_any_order(cast: Cast, vendor: VendorKind, told_by: st.SearchStrategy[Report]) -> None:
    job = started(cast, vendor)

    @given(reports=st.lists(told_by, max_size=8), batch=st.integers(min_value=1, max_value=4))
    @LIMITS
    def ends_as_expected(reports: list[Report], batch: int) -> None:
        assert state_after(job, [fact_of(job, report) for report in reports], batch) == expected(reports)

    ends_as_expected()


def test_our_own_facts_anywhere_between(cast: Cast) -> None:
    """A doubtful start that the vendor speaks of did arrive; a stop waits for an end, whatever is told meanwhile."""
    job = started(cast, VendorKind.SOFTSUGAR)
    doubt = fact(job, Kind.JOB_UNSURE, Told(why="timeout"), "1", 1)
    taken = fact(job, Kind.JOB_ACCEPTED, Nothing(), "1", 1)
    stop = fact(job, Kind.JOB_STOP_REQUESTED, Told(why="x"), "1", 2)

    @given(
        reports=st.lists(SOFTSUGAR_OPEN, max_size=5),
        ours=st.sampled_from([(doubt,), (doubt, taken), (doubt, taken, stop), (stop,)]),
        places=st.lists(st.integers(min_value=0, max_value=8), min_size=3, max_size=3),
    )
    @LIMITS
    def ends_as_expected(reports: list[Report], ours: tuple[Fact, ...], places: list[int]) -> None:
        facts = [fact_of(job, report) for report in reports]
        for place, one in zip(places, ours, strict=False):
            facts.insert(min(place, len(facts)), one)
        if stop in ours:
            assert state_after(job, facts) == "stopping"
        elif ours == (doubt,) and not reports:
            assert state_after(job, facts) == "unknown"
        else:
            assert state_after(job, facts) == expected(reports)

    ends_as_expected()


def test_two_ends_leave_the_worse_one_and_the_time_of_the_first(cast: Cast) -> None:
    job = started(cast, VendorKind.SOFTSUGAR)
    record_many([fact_of(job, Report("live", 1)), fact_of(job, Report("ended", 5))], PROJECTIONS)
    record_many([fact_of(job, Report("blocked", 3))], PROJECTIONS)
    record_many([fact_of(job, Report("failed", 9)), fact_of(job, Report("live", 10))], PROJECTIONS)
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.state, fresh.end_reason) == ("blocked", "vendor")
    assert fresh.ended_at == job.requested_at + timedelta(seconds=5)


def test_an_older_number_never_replaces_a_newer_one(cast: Cast) -> None:
    job = started(cast, VendorKind.METASTUDIO)
    newer: list[tuple[Kind, Payload]] = [
        (Kind.JOB_REMAINING, Remaining(remaining_s=60)),
        (Kind.JOB_STREAM, JobStream(link="up")),
        (Kind.JOB_SCRIPT_POSITION, ScriptPosition(no=4)),
    ]
    older: list[tuple[Kind, Payload]] = [
        (Kind.JOB_REMAINING, Remaining(remaining_s=90)),
        (Kind.JOB_STREAM, JobStream(link="connecting")),
        (Kind.JOB_SCRIPT_POSITION, ScriptPosition(no=3)),
    ]
    record_many([fact(job, kind, payload, "new", 9) for kind, payload in newer], PROJECTIONS)
    record_many([fact(job, kind, payload, "old", 5) for kind, payload in older], PROJECTIONS)
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.remaining_s, fresh.stream_link, fresh.script_no) == (60, "up", 4)
    outcomes = Event.objects.filter(dedupe_key__endswith=":old").values_list("outcome", flat=True)
    assert list(outcomes) == ["nothing_new"] * 3


def test_a_link_told_late_is_not_the_link_of_now(cast: Cast) -> None:
    """A link that is down keeps the time when it was last good, and that time is no proof of what came first."""
    job = started(cast, VendorKind.SOFTSUGAR)
    for link, at in (("up", 1), ("down", 9), ("up", 5)):
        record_many([fact(job, Kind.JOB_LINK, JobLink(link=link), f"{link}:{at}", at)], PROJECTIONS)
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.link, fresh.link_at) == ("down", job.requested_at + timedelta(seconds=1))
