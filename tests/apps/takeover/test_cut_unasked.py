"""Words that break off though nobody here asked for it: a lost silence that comes late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.events.kinds import Item, Kind, kept
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover import commands
from dashboard.takeover.ends import CUT_BY_A_LOST_TRY, LOST_ON_ITS_WAY, SURELY_CUT
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def silenced(job: Job, *, lost_tries: int) -> Command:
    """A cancel of everything that left, of which the first tries were never answered and the last was."""
    commands.cancel_all(job)
    for _ in range(lost_tries):
        outbox.put_back(make.claimed("cancel"), after_s=0, reason="timeout", may_have_left=True)
    cancel = make.claimed("cancel")
    outbox.settle(cancel, CommandState.ACCEPTED)
    return cancel


def over(job: Job, cast: Cast, clock: ManualClock, *, said_of_it: float, cut: bool | None) -> Takeover:
    """Words that are over after `said_of_it` of their length; `cut` is what the vendor says of that."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    clock.advance(item.estimate_ms / 1000 * said_of_it)
    return told(item, cut=cut)


def told(item: Takeover, *, cut: bool | None) -> Takeover:
    end = item_fact(item, Kind.ITEM_FINISHED, key=str(cut))
    payload = Item(trace_id=item.trace_id, item=item.number, by="callback", cut=cut)
    record_many([replace(end, payload=payload)], PROJECTIONS)
    return make.happened(item)


@pytest.mark.parametrize("cut", [None, True], ids=["by its length", "by the vendor's word"])
def test_a_lost_silence_that_comes_late_is_named(
    job: Job, cast: Cast, manual_clock: ManualClock, cut: bool | None
) -> None:
    silenced(job, lost_tries=1)
    manual_clock.advance(5)
    item = over(job, cast, manual_clock, said_of_it=SURELY_CUT - 0.05, cut=cut)
    assert (item.state, item.error) == ("failed", kept(CUT_BY_A_LOST_TRY))


def test_a_silence_that_was_never_answered_is_lost_too(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    Command.objects.filter(pk=silenced(job, lost_tries=0).pk).update(state=CommandState.UNKNOWN)
    item = over(job, cast, manual_clock, said_of_it=0.2, cut=None)
    assert item.error == kept(CUT_BY_A_LOST_TRY)


@pytest.mark.parametrize(
    ("lost_tries", "waited", "said_of_it"),
    [(0, timedelta(), 0.2), (1, LOST_ON_ITS_WAY, 0.2), (1, timedelta(), SURELY_CUT + 0.05)],
    ids=["answered at once", "long ago", "long enough"],
)
def test_without_a_lost_silence_or_at_its_length_words_are_done(
    job: Job, cast: Cast, manual_clock: ManualClock, lost_tries: int, waited: timedelta, said_of_it: float
) -> None:
    silenced(job, lost_tries=lost_tries)
    manual_clock.advance(waited.total_seconds())
    assert over(job, cast, manual_clock, said_of_it=said_of_it, cut=None).state == "done"


def test_a_time_of_interruption_alone_is_no_cut(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """The vendor's documents have the same field for every end (004:492)."""
    assert over(job, cast, manual_clock, said_of_it=0.9, cut=True).state == "done"


def test_the_vendors_word_of_a_whole_end_counts_more_than_its_length(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    silenced(job, lost_tries=1)
    item = over(job, cast, manual_clock, said_of_it=0.2, cut=None)
    assert item.state == "failed"
    item = told(item, cut=False)
    assert (item.state, item.error) == ("done", None)


@pytest.mark.parametrize(("after", "ends"), [(SURELY_CUT - 0.05, "failed"), (SURELY_CUT + 0.05, "done")])
def test_it_takes_what_waits_with_it(job: Job, cast: Cast, manual_clock: ManualClock, after: float, ends: str) -> None:
    """What ended sooner behind its queueing than its words take was not said, though nobody tells of its start."""
    silenced(job, lost_tries=1)
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    manual_clock.advance(item.estimate_ms / 1000 * after)
    assert told(item, cut=None).state == ends
