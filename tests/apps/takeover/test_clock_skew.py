"""A vendor whose clock is minutes off: what it says of ends is weighed by our clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.events.kinds import Item, JobLink, Kind
from dashboard.events.models import Event
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS, accept
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.relay.outcomes import cancels
from dashboard.takeover.deadlines import end_due
from dashboard.takeover.facts import item_fact, may_have_missed
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import settle
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import Accepted, JobReport, JobSays
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

OFF = pytest.mark.parametrize("off_s", [-300, 0, 300], ids=["behind", "right", "ahead"])


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock, off_s: int) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    VendorAccount.objects.filter(pk=job.account_id).update(clock_skew_ms=off_s * 1000)
    return Job.objects.get(pk=job.pk)


def told(item: Takeover, kind: Kind, off_s: int) -> Takeover:
    """What the vendor tells now, by its own clock."""
    payload = Item(trace_id=item.trace_id, item=item.number, by="socket")
    fact = replace(item_fact(item, kind), payload=payload, at=clock.now() + timedelta(seconds=off_s))
    record_many([fact], PROJECTIONS)
    return make.happened(item)


def queued(job: Job, cast: Cast, off_s: int) -> Takeover:
    return told(make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING), Kind.ITEM_QUEUED, off_s)


@OFF
def test_what_its_cancel_took_out_of_the_queue_was_not_heard(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int
) -> None:
    item = queued(job, cast, off_s)
    manual_clock.advance(5)
    item = make.happened(item, Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCEL_SENT)
    manual_clock.advance(2)
    assert told(item, Kind.ITEM_FINISHED, off_s).state == "cancelled"


@OFF
@pytest.mark.parametrize("now_s", [-300, 0, 300], ids=["behind now", "right now", "ahead now"])
def test_a_clock_that_was_set_since_the_last_listing_is_not_believed(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int, now_s: int
) -> None:
    item = queued(job, cast, off_s)
    manual_clock.advance(5)
    item = make.happened(item, Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCEL_SENT)
    VendorAccount.objects.filter(pk=job.account_id).update(poll_ok_at=clock.now())
    manual_clock.advance(2)
    item = told(item, Kind.ITEM_FINISHED, now_s)
    assert (item.state, item.finished_at) == ("cancelled", clock.now())


@OFF
def test_what_lay_unread_while_the_vendor_did_not_answer_keeps_its_time(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int
) -> None:
    item = queued(job, cast, off_s)
    VendorAccount.objects.filter(pk=job.account_id).update(poll_ok_at=clock.now())
    manual_clock.advance(90)
    ended = clock.now() - timedelta(seconds=85)
    assert told(item, Kind.ITEM_FINISHED, off_s - 85).finished_at == ended


@OFF
def test_what_was_over_before_its_cancel_left_was_heard(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int
) -> None:
    """Its start was told to nobody, its end late."""
    item = queued(job, cast, off_s)
    manual_clock.advance(5)
    end = item_fact(item, Kind.ITEM_FINISHED)
    payload = Item(trace_id=item.trace_id, item=item.number, by="callback")
    manual_clock.advance(5)
    item = make.happened(item, Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCEL_SENT)
    record_many([replace(end, payload=payload, at=end.at + timedelta(seconds=off_s))], PROJECTIONS)
    assert make.happened(item).state == "done"


@OFF
@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_only_a_link_that_was_lost_after_it_was_queued_may_have_missed_it(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int, is_after: bool
) -> None:
    if not is_after:
        accept(job_fact(job, Kind.JOB_LINK, JobLink(link="down"), key="before"))
        manual_clock.advance(10)
    item = queued(job, cast, off_s)
    manual_clock.advance(10)
    if is_after:
        accept(job_fact(job, Kind.JOB_LINK, JobLink(link="down"), key="after"))
    assert may_have_missed(item, clock.now()) is is_after


@OFF
@pytest.mark.parametrize("is_stamped", [True, False], ids=["by the vendor's clock", "by ours"])
def test_what_is_told_stands_on_the_desk_by_our_clock(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int, is_stamped: bool
) -> None:
    """MetaStudio's notices carry no time, nor is that of a callback used that nobody has signed."""
    item = told(queued(job, cast, off_s if is_stamped else 0), Kind.ITEM_STARTED, off_s if is_stamped else 0)
    assert (item.queued_at, item.started_at) == (clock.now(), clock.now())
    assert item.due_at == end_due(item, clock.now())
    kept = Event.objects.get(job_id=job.pk, kind=Kind.ITEM_STARTED)
    assert kept.at == clock.now() + timedelta(seconds=off_s if is_stamped else 0)


@OFF
@pytest.mark.parametrize("ended_s", [-4, 1], ids=["before the cancel left", "since"])
def test_the_answer_of_a_cancel_is_weighed_by_our_clock(
    job: Job, cast: Cast, manual_clock: ManualClock, off_s: int, ended_s: int
) -> None:
    item = told(queued(job, cast, off_s), Kind.ITEM_STARTED, off_s)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    manual_clock.advance(10)
    if ended_s < 0:
        manual_clock.advance(ended_s)
        told(item, Kind.ITEM_FINISHED, off_s)
        manual_clock.advance(-ended_s)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    if ended_s > 0:
        manual_clock.advance(ended_s)
        told(item, Kind.ITEM_FINISHED, off_s)
    cancels.cancelled(job, cancel, [item], Accepted(None))
    assert make.happened(item).state == ("done" if ended_s < 0 else "cancelled")


@OFF
def test_the_end_of_its_job_is_by_our_clock_too(job: Job, cast: Cast, manual_clock: ManualClock, off_s: int) -> None:
    """A signed callback has the vendor's time; a sentence that began before is weighed against ours."""
    Takeover.objects.filter(pk=(item := queued(job, cast, off_s)).pk).update(estimate_ms=3_000)
    told(item, Kind.ITEM_STARTED, off_s)
    manual_clock.advance(20)
    VendorAccount.objects.filter(pk=job.account_id).update(poll_ok_at=clock.now())
    manual_clock.advance(1)
    at = clock.now() + timedelta(seconds=off_s)
    accept(fact_of(job, JobReport(job.vendor_ref, JobSays.ENDED, at, stamped=True), Heard("callback", "the end")))
    assert make.happened(item).state == "done"
    assert Job.objects.get(pk=job.pk).ended_at == clock.now()
