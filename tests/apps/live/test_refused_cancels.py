"""A vendor may refuse a cancel of several and carry out part of it: what ended so short was cut all the same (B24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.events.kinds import Kind
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.relay import doubts
from dashboard.live.relay.late_items import due_items
from dashboard.live.relay.outcomes import cancels
from dashboard.live.relay.outcomes.queue import queue_read
from dashboard.takeover import release
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet, settle
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Accepted, QueueListing, Rejected, Unknown, VendorError
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

REFUSAL = VendorError(code="200001", happened=("Not all.", "未全部。"), todo=("Look.", "看。"))


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def refused(job: Job, cast: Cast, *evidence: Kind) -> Takeover:
    """Words whose cancel left and was refused."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, *evidence)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Rejected(REFUSAL))
    return make.happened(item)


@pytest.mark.parametrize("evidence", [(), (Kind.ITEM_STARTED,)], ids=["queued", "playing"])
def test_an_end_told_just_after_the_refusal_is_that_cancels(job: Job, cast: Cast, evidence: tuple[Kind, ...]) -> None:
    item = refused(job, cast, *evidence)
    assert item.is_open
    assert item.error
    over = make.happened(item, Kind.ITEM_FINISHED)
    assert (over.state, over.error) == ("cancelled", None)


def test_an_end_that_a_first_try_made_is_that_cancels(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """Its answer was lost, and the second try is refused for what the first took away."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Unknown("timeout"))
    manual_clock.advance(11)
    again = make.claimed("cancel")
    assert again.pk == cancel.pk
    cancels.cancel_left(again, [make.happened(item)])
    cancels.cancelled(job, again, [make.happened(item)], Rejected(REFUSAL))
    assert make.happened(item, Kind.ITEM_STARTED, Kind.ITEM_FINISHED).state == "cancelled"


def test_what_was_said_for_most_of_its_length_was_said(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = refused(job, cast, Kind.ITEM_STARTED)
    Takeover.objects.filter(pk=item.pk).update(
        started_at=manual_clock.now() - timedelta(milliseconds=item.estimate_ms * 0.9)
    )
    assert make.happened(item, Kind.ITEM_FINISHED).state == "done"


def test_what_went_on_after_the_refusal_was_not_cut_by_it(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = refused(job, cast, Kind.ITEM_STARTED)
    Takeover.objects.filter(pk=item.pk).update(estimate_ms=20_000)
    manual_clock.advance(3)
    assert make.happened(item, Kind.ITEM_FINISHED).state == "done"


def test_a_vendor_whose_clock_is_off_is_understood(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """Its end, long after the refusal, is told in the vendor's time, which lies before it."""
    job.account.clock_skew_ms = -60_000
    job.account.save()
    item = refused(job, cast, Kind.ITEM_STARTED)
    Takeover.objects.filter(pk=item.pk).update(estimate_ms=20_000)
    manual_clock.advance(5)
    over = item_fact(item, Kind.ITEM_FINISHED)
    record_many([replace(over, at=over.at - timedelta(seconds=60))], PROJECTIONS)
    assert make.happened(item).state == "done"


# ------------------------------------------------------------------------------- what a first try took, told by nobody


def taken_untold(job: Job, cast: Cast, *before: Kind) -> Takeover:
    """A cancel was tried twice, and its second try is refused for what the first took; nobody was told of an end."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, *before)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    return make.happened(item, Kind.ITEM_UNSURE, Kind.ITEM_QUEUED)


def test_the_queue_is_asked_for_what_a_cancel_may_have_taken(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    Job.objects.filter(pk=job.pk).update(owner="r1")
    item = taken_untold(job, cast)
    assert item.state == "cancelling"
    manual_clock.advance(60)  # however long: nobody else will say that it left
    assert doubts.jobs_to_ask("r1") == [job.pk]
    queue_read(job, QueueListing((), clock.now()))
    assert make.happened(item).state == "unknown"
    assert doubts.jobs_to_ask("r1") == []


def test_what_was_queued_after_its_cancel_left_is_looked_at_in_time(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """Where the queue can't be read either."""
    item = taken_untold(job, cast)
    assert item.due_at == clock.now() + timedelta(seconds=2 * release.GRACE_S)
    Job.objects.filter(pk=job.pk).update(owner="r1")
    manual_clock.advance(2 * release.GRACE_S)
    due_items("r1")
    assert make.happened(item).state == "unknown"


@pytest.mark.parametrize("began", ["before", "after"])
def test_what_was_taken_in_and_begun_after_a_silence_had_left_may_still_be_heard(
    job: Job, cast: Cast, manual_clock: ManualClock, began: str
) -> None:
    """The vendor may have carried the silence out before: its own cancel, made as it was told to be queued, tells."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    quiet.silence(job=job, user=cast.oki.user, actor=cast.oki.actor)
    silence = make.claimed("cancel")
    sent_at = clock.now()
    cancels.cancel_left(silence, [make.happened(item)])
    manual_clock.advance(3)
    make.happened(item, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    if began == "before":  # and was told late
        Takeover.objects.filter(pk=item.pk).update(started_at=sent_at - timedelta(seconds=1))
    cancels.cancelled(job, silence, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == ("cancelled" if began == "before" else "cancelling")
    own = Command.objects.filter(kind="cancel", state=CommandState.READY)
    assert [one.body["items"] for one in own] == [[item.pk]] * len(own) != []
