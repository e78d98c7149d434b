"""What an order pass concludes from its listing: who waited and is gone has left, unless a cancel is under way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.relay.outcomes import ordering
from dashboard.takeover.facts import may_have_missed
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source
from dashboard.vendors.port import QueueListing
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def queued(job: Job, cast: Cast, *also: Kind) -> Takeover:
    item = make.takeover(job, cast.oki)
    make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, *also)
    return item


def read(job: Job, *listed: Takeover) -> None:
    ordering.steps_to_ours(job, QueueListing(tuple(item.trace_id for item in listed), clock.now()))


def state(item: Takeover) -> str:
    return Takeover.objects.get(pk=item.pk).state


def test_who_waited_and_is_not_listed_has_left(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    gone, there = queued(job, cast), queued(job, cast)
    spoken = queued(job, cast, Kind.ITEM_STARTED)
    manual_clock.advance(10)
    late = queued(job, cast)  # crossed the listing on its way
    read(job, there)
    assert [state(item) for item in (gone, there, spoken, late)] == ["unknown", "queued", "playing", "queued"]


def test_what_a_cancel_just_took_away_waits_for_its_answer(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = queued(job, cast)
    manual_clock.advance(10)
    make.happened(item, Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCEL_SENT)
    read(job)
    assert state(item) == "cancelling"
    manual_clock.advance(10)
    read(job)
    assert state(item) == "unknown"


def test_what_was_overtaken_may_have_been_missed(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """Only where a notice of it was lost before: else its own start would have been told."""
    known, doubtful = queued(job, cast), queued(job, cast)
    Takeover.objects.filter(pk=doubtful.pk).update(timeout_at=clock.now())
    manual_clock.advance(5)
    behind = queued(job, cast)
    assert not may_have_missed(Takeover.objects.get(pk=doubtful.pk), clock.now())
    make.happened(behind, Kind.ITEM_STARTED)
    told = [may_have_missed(Takeover.objects.get(pk=item.pk), clock.now()) for item in (known, doubtful)]
    assert told == [False, True]


def test_the_script_stands_behind_all_that_was_put_before_it(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """Whatever its place: it was given to the vendor earlier."""
    script, words = queued(job, cast), queued(job, cast)
    Takeover.objects.filter(pk=script.pk).update(source=Source.SCRIPT)
    Takeover.objects.filter(pk=words.pk).update(timeout_at=clock.now())
    manual_clock.advance(5)
    make.happened(script, Kind.ITEM_STARTED)
    assert may_have_missed(Takeover.objects.get(pk=words.pk), clock.now())
    Takeover.objects.filter(pk=words.pk).update(queued_at=clock.now() + timedelta(seconds=1))
    assert not may_have_missed(Takeover.objects.get(pk=words.pk), clock.now())
