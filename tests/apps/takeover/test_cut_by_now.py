"""Which sentence cut which on MetaStudio, where the start of one that was said *now* was told to nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.events.kinds import Item, Kind
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover import commands, untold
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.takeover.projection import bind_reference
from dashboard.takeover.states import Mode
from dashboard.vendors.models import Command, CommandKind, CommandState
from tests import cast as make
from tests.cast import METASTUDIO, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha, METASTUDIO)), cast.oki)


def said(job: Job, cast: Cast, *evidence: Kind) -> Takeover:
    return make.happened(make.takeover(job, cast.oki, mode=Mode.NOW), Kind.ITEM_SENDING, *evidence)


@pytest.mark.parametrize("middle", [(Kind.ITEM_ACCEPTED,), (Kind.ITEM_ACCEPTED, Kind.ITEM_FAILED), ()])
def test_the_one_whose_start_was_told_to_nobody_cut_what_was_heard(
    job: Job, cast: Cast, manual_clock: ManualClock, middle: tuple[Kind, ...]
) -> None:
    """Long after, by its length the first had been said whole; but the second was taken while it was heard."""
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(first.estimate_ms / 2000)
    second = said(job, cast, *middle)
    manual_clock.advance(first.estimate_ms / 1000 * 3)
    said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    first = make.happened(first)
    if middle == (Kind.ITEM_ACCEPTED,):
        assert (first.state, first.cut_by_id, first.cancel_ok_at) == ("cancelled", second.pk, second.accepted_at)
    else:
        assert (first.state, first.cut_by_id) == ("done", None)


def test_what_had_been_said_before_the_other_was_taken_was_not_cut(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(first.estimate_ms / 1000 * 2)
    said(job, cast, Kind.ITEM_ACCEPTED)
    manual_clock.advance(1)
    said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    assert make.happened(first).state == "done"


def test_one_whose_answer_was_lost_with_its_relay_cut_what_began_while_it_was_on_its_way(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """Sent before the first began: the vendor took its time."""
    first, second = said(job, cast, Kind.ITEM_ACCEPTED), said(job, cast)
    manual_clock.advance(0.05)
    make.happened(first, Kind.ITEM_STARTED)
    manual_clock.advance(0.5 + second.estimate_ms / 1000)
    make.happened(second, Kind.ITEM_FINISHED)
    first = make.happened(first)
    assert (first.state, first.cut_by_id) == ("cancelled", second.pk)


@pytest.mark.parametrize("evidence", [(), (Kind.ITEM_ACCEPTED,)])
def test_an_end_that_is_told_late_cuts_nobody_who_began_since(
    job: Job, cast: Cast, manual_clock: ManualClock, evidence: tuple[Kind, ...]
) -> None:
    earlier = said(job, cast, *evidence)
    manual_clock.advance(15)
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(20)
    make.happened(earlier, Kind.ITEM_FINISHED)
    assert make.happened(first).state == "playing"


def test_a_start_that_waited_for_its_name_tells_whom_it_cut(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """The answer was lost; its start and end came with the vendor's own name for it, which nobody knew."""
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    length = first.estimate_ms / 1000
    manual_clock.advance(length * 0.6)
    second = said(job, cast)
    manual_clock.advance(length * 0.2)
    start = item_fact(second, Kind.ITEM_STARTED)
    record_many([replace(start, payload=Item(trace_id="ref-9"))], PROJECTIONS)
    manual_clock.advance(length)
    record_many([replace(item_fact(second, Kind.ITEM_FINISHED), payload=Item(trace_id="ref-9"))], PROJECTIONS)
    make.happened(second, Kind.ITEM_UNSURE, why="timeout")
    first, second = make.happened(first), make.happened(second)
    assert (second.state, second.started_at) == ("done", start.at)
    assert (first.state, first.cut_by_id, first.cancel_ok_at) == ("cancelled", second.pk, start.at)


def test_what_had_been_said_when_the_other_began_was_not_cut_though_its_start_waited_for_its_name(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    first = make.happened(make.takeover(job, cast.oki, mode=Mode.INSERT), Kind.ITEM_SENDING)
    manual_clock.advance(0.5)
    start = replace(item_fact(first, Kind.ITEM_STARTED), payload=Item(trace_id="ref-7"))
    record_many([start], PROJECTIONS)
    manual_clock.advance(first.estimate_ms / 1000 * 2)
    said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(0.2)
    bind_reference(Takeover.objects.whole(first.trace_id), "ref-7")
    first = make.happened(first)
    assert (first.started_at, first.cut_by_id, first.cancel_ok_at) == (start.at, None, None)


def unnamed_start(of: Takeover) -> None:
    """MetaStudio tells of a start by a name that we never got."""
    record_many([replace(item_fact(of, Kind.ITEM_STARTED), payload=Item(trace_id="ref-9"))], PROJECTIONS)


def next_one_is_heard(job: Job, cast: Cast, manual_clock: ManualClock, first: Takeover) -> str:
    """What became of `first`, long after, when another is heard."""
    manual_clock.advance(10 + 2 * first.estimate_ms / 1000)
    said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    return str(make.happened(first).state)


@pytest.mark.parametrize(("after", "ends"), [(0.5, "failed"), (0.75, "failed"), (0.95, "done")])
def test_what_one_of_two_unanswered_cut_is_not_done(
    job: Job, cast: Cast, manual_clock: ManualClock, after: float, ends: str
) -> None:
    """Which of the two began can't be told, but that something did, while the first was heard (course 401852)."""
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    unsure = [said(job, cast), said(job, cast)]
    manual_clock.advance(first.estimate_ms * after / 1000)
    began_at = clock.now()
    unnamed_start(unsure[0])
    manual_clock.advance(10)
    for one in unsure:
        make.happened(one, Kind.ITEM_UNSURE, why="timeout")
    assert next_one_is_heard(job, cast, manual_clock, first) == ends
    if ends == "failed":
        assert make.happened(first).ended_at == began_at


@pytest.mark.parametrize("after", [0.5, 0.75])
def test_where_one_behind_it_is_unanswered_too_a_fast_voice_may_have_said_it(
    job: Job, cast: Cast, manual_clock: ManualClock, after: float
) -> None:
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    inserted = make.happened(make.takeover(job, cast.oki, mode=Mode.INSERT), Kind.ITEM_SENDING)
    said(job, cast)
    manual_clock.advance(first.estimate_ms * after / 1000)
    unnamed_start(inserted)
    assert next_one_is_heard(job, cast, manual_clock, first) == ("failed" if after == 0.5 else "done")


@pytest.mark.parametrize("other", ["refused", "asked long ago", "an insert", "a silent clip", "the vendor's rules"])
def test_a_start_of_what_was_surely_or_maybe_not_said_now_tells_nothing(
    job: Job, cast: Cast, manual_clock: ManualClock, other: str
) -> None:
    if other == "asked long ago":
        make.happened(said(job, cast), Kind.ITEM_UNSURE, why="timeout")
        manual_clock.advance(3600)
    if other in ("a silent clip", "the vendor's rules"):
        said(job, cast)
    if other == "the vendor's rules":
        Job.objects.filter(pk=job.pk).update(runs_vendor_rules=True)
    if other == "a silent clip":
        commands.play_silence(job)
        Command.objects.filter(kind=CommandKind.CLIP).update(state=CommandState.UNKNOWN)
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    if other == "refused":
        make.happened(said(job, cast), Kind.ITEM_REFUSED)
    if other == "an insert":
        make.happened(make.takeover(job, cast.oki, mode=Mode.INSERT), Kind.ITEM_SENDING)
    manual_clock.advance(first.estimate_ms / 2000)
    unnamed_start(first)
    assert next_one_is_heard(job, cast, manual_clock, first) == "done"


def test_an_end_that_is_reckoned_asks_whether_something_unnamed_began(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    second = said(job, cast)
    assert untold.end_of(first).kind == Kind.ITEM_FINISHED
    manual_clock.advance(first.estimate_ms / 2000)
    unnamed_start(second)
    assert untold.end_of(first).kind == Kind.ITEM_FAILED


@pytest.mark.parametrize("by", ["the next one", "its time"])
def test_the_vendors_own_word_of_its_end_counts_for_more(
    job: Job, cast: Cast, manual_clock: ManualClock, by: str
) -> None:
    first = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    second = said(job, cast)
    manual_clock.advance(first.estimate_ms / 2000)
    unnamed_start(second)
    if by == "its time":
        record_many([untold.end_of(first)], PROJECTIONS)
        assert make.happened(first).state == "failed"
    else:
        assert next_one_is_heard(job, cast, manual_clock, first) == "failed"
    first = make.happened(first, Kind.ITEM_FINISHED)
    assert (first.state, first.error) == ("done", None)


@pytest.mark.parametrize("mode", [Mode.INSERT, Mode.NOW])
def test_what_is_told_to_begin_behind_the_one_that_cut_it_was_cut(
    job: Job, cast: Cast, manual_clock: ManualClock, mode: Mode
) -> None:
    """The socket told both starts at once, the later one first (course 601567)."""
    first = make.happened(make.takeover(job, cast.oki, mode=mode), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED)
    manual_clock.advance(0.1)
    second = said(job, cast, Kind.ITEM_ACCEPTED)
    manual_clock.advance(0.6)
    second = make.happened(second, Kind.ITEM_STARTED)
    manual_clock.advance(0.004)
    first = make.happened(first, Kind.ITEM_STARTED)
    assert (first.state, first.cut_by_id, make.happened(second).state) == ("cancelled", second.pk, "playing")
    manual_clock.advance(first.estimate_ms / 1000)
    # The vendor tells the end of nothing that was cut: this one was heard after all.
    assert make.happened(first, Kind.ITEM_FINISHED).state == "done"


@pytest.mark.parametrize("ended_by", ["a silent clip", "the vendor's rules", "its own end", "being the earlier one"])
def test_what_begins_behind_one_that_may_have_ended_was_not_cut_by_it(
    job: Job, cast: Cast, manual_clock: ManualClock, ended_by: str
) -> None:
    inserted = make.happened(make.takeover(job, cast.oki, mode=Mode.INSERT), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED)
    manual_clock.advance(0.1)
    now = said(job, cast, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    if ended_by == "a silent clip":
        commands.play_silence(job)
        Command.objects.filter(kind=CommandKind.CLIP).update(state=CommandState.UNKNOWN, claimed_at=clock.now())
    if ended_by == "the vendor's rules":
        Job.objects.filter(pk=job.pk).update(runs_vendor_rules=True)
    manual_clock.advance(0.1)
    if ended_by == "being the earlier one":
        inserted = said(job, cast, Kind.ITEM_ACCEPTED)
    # A fast voice, whose end is told late.
    manual_clock.advance(now.estimate_ms / 1000 * (0.7 if ended_by == "its own end" else 0.3))
    assert make.happened(inserted, Kind.ITEM_STARTED).state == "playing"


@pytest.mark.parametrize("told_after", [0.3, 1.2])
def test_what_was_taken_early_cut_what_was_heard_however_late_its_start_is_told(
    job: Job, cast: Cast, manual_clock: ManualClock, told_after: float
) -> None:
    """The link hung when the second began: by then the first had been said whole, for all that its length tells."""
    first = make.takeover(job, cast.oki, text="这一句话说得很长。" * 4)
    first = make.happened(first, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(0.5)
    second = said(job, cast, Kind.ITEM_ACCEPTED)
    manual_clock.advance(first.estimate_ms / 1000 * told_after)
    make.happened(second, Kind.ITEM_STARTED)
    first = make.happened(first)
    assert (first.state, first.cut_by_id) == ("cancelled", second.pk)


def test_what_was_nearly_over_when_the_next_was_taken_was_said(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    first = make.takeover(job, cast.oki, text="这一句话说得很长。" * 4)
    first = make.happened(first, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(first.estimate_ms / 1000)
    second = said(job, cast, Kind.ITEM_ACCEPTED)
    manual_clock.advance(first.estimate_ms / 1000)
    make.happened(second, Kind.ITEM_STARTED)
    assert make.happened(first).state == "done"
