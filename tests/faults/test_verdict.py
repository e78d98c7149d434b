"""The judge of the fault suite sees what it is there for."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from signal import SIGKILL, SIGSTOP

import pytest

from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.states import TakeoverState
from tests import cast as make
from tests.faults import verdict
from tests.faults.books import Asked, Ledger
from tests.faults.kills import plan
from tests.faults.points import POINTS
from tests.props.judge import Books, judge


@pytest.mark.django_db
def test_what_was_acknowledged_and_is_nowhere_is_lost() -> None:
    books = Ledger(asked=[Asked("第001号", "key-1", is_acknowledged=True), Asked("第002号", "key-2")])
    books.events.add("评论 1")
    books.starts = {"start-1": True, "start-2": False}
    assert verdict.sentences(books) == [
        "lost: 第001号 was promised and is in no ledger",
        "one press of start became 0 jobs: start-1",
        "1 of 1 acknowledged comments are not in the log: ['评论 1']",
    ]


@pytest.mark.django_db
def test_words_that_are_audible_more_often_than_they_were_asked_are_told() -> None:
    began = "2026-03-14T06:00:00+00:00"
    row = {"session": "s", "text": "第001号，你好", "source": "takeover", "cut": False, "cut_by": ""}
    times = {"started_real": began, "ended_real": began}
    books = Ledger(record=[{**row, **times, "ref": "a"}, {**row, **times, "ref": "b"}])
    assert verdict.sentences(books) == ["heard 2 times, wanted 0: 第001号"]


@pytest.mark.django_db
def test_a_sentence_that_was_heard_to_its_end_is_not_cancelled_and_a_microphone_may_be() -> None:
    """What a relay ended three seconds late, since it had been stopped meanwhile, was cancelled all the same."""
    cast = make.make_cast()
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    item = make.takeover(job, cast.oki)
    asked = datetime(2026, 3, 14, 6, 0, 1, tzinfo=UTC)
    Takeover.objects.filter(pk=item.pk).update(
        state=TakeoverState.CANCELLED, claimed_at=asked, cancel_requested_at=asked, cancel_ok_at=asked
    )
    times = {"started_real": "2026-03-14T06:00:00+00:00", "ended_real": "2026-03-14T06:00:04+00:00"}
    row = {"session": job.vendor_ref, "text": item.text, "source": "takeover", "cut": False, "cut_by": "", **times}
    record = [{**row, "ref": item.trace_id}]
    told = [sentence for sentence in judge(Books(0.0), record, (job.pk,)) if sentence.startswith("cancelled")]
    assert len(told) == 1
    Takeover.objects.filter(pk=item.pk).update(kind=Kind.VOICE)
    assert not [sentence for sentence in judge(Books(0.0), record, (job.pk,)) if sentence.startswith("cancelled")]


def test_every_step_is_drawn_before_any_comes_again() -> None:
    counts = {kind: sum(point.process == kind for point in POINTS) for kind in ("web", "relay", "worker")}
    drawn = plan(Random(7), {"relay": 20, "web": 20, "worker": 10}, counts)
    assert len(drawn) == 50 + len(POINTS)
    for number in (SIGKILL, SIGSTOP):
        assert {point.name for point, one in drawn if one == number} == {point.name for point in POINTS}
