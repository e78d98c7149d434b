"""The judge of the fault suite sees what it is there for."""

from __future__ import annotations

from random import Random
from signal import SIGKILL, SIGSTOP

import pytest

from tests.faults import verdict
from tests.faults.books import Asked, Ledger
from tests.faults.kills import plan
from tests.faults.points import POINTS


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


def test_every_step_is_drawn_before_any_comes_again() -> None:
    counts = {kind: sum(point.process == kind for point in POINTS) for kind in ("web", "relay", "worker")}
    drawn = plan(Random(7), {"relay": 20, "web": 20, "worker": 10}, counts)
    assert len(drawn) == 50 + len(POINTS)
    for number in (SIGKILL, SIGSTOP):
        assert {point.name for point, one in drawn if one == number} == {point.name for point in POINTS}
