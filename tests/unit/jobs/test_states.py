"""Which state follows which, over the whole square of states; and what a vendor's words mean."""

from __future__ import annotations

import itertools

import pytest

from dashboard.jobs.states import (
    CAN_SPEAK,
    CAN_STOP,
    END_STATES,
    END_WEIGHT,
    ON_AIR,
    OPEN_STATES,
    PHASE,
    JobState,
    follows,
    order,
    told,
)
from dashboard.vendors.port import JobSays

S = JobState
#: What a vendor can report; `planned`, `stopping` and `unknown` are our own words.
REPORTABLE = [told(says) for says in JobSays]
RUNNING = {S.READY, S.LIVE, S.PAUSED, S.TAKEN_OVER}


def test_every_word_of_a_vendor_has_a_state() -> None:
    assert {says: told(says) for says in JobSays} == {
        "preparing": "starting",
        "ready": "ready",
        "live": "live",
        "paused": "paused",
        "taken_over": "taken_over",
        "ended": "ended",
        "lost": "lost",
        "failed": "failed",
        "blocked": "blocked",
    }


def test_the_sets_of_states() -> None:
    assert set(S) == OPEN_STATES | END_STATES
    assert set() == OPEN_STATES & END_STATES
    assert END_STATES == {S.ENDED, S.FAILED, S.BLOCKED, S.LOST} == set(END_WEIGHT)
    assert set(PHASE) == set(S)
    assert CAN_SPEAK == RUNNING
    assert {S.STARTING, S.READY, S.LIVE, S.PAUSED, S.TAKEN_OVER, S.UNKNOWN} == CAN_STOP
    assert {S.LIVE, S.PAUSED, S.TAKEN_OVER} == ON_AIR


def test_the_worse_end_wins() -> None:
    assert sorted(END_WEIGHT, key=END_WEIGHT.__getitem__) == [S.ENDED, S.LOST, S.FAILED, S.BLOCKED]
    for current, reported in itertools.product(END_STATES, repeat=2):
        assert follows(current, reported) == (END_WEIGHT[reported] > END_WEIGHT[current])


@pytest.mark.parametrize("current", sorted(END_STATES))
@pytest.mark.parametrize("reported", sorted(set(REPORTABLE) - END_STATES))
def test_what_ended_never_opens_again(current: JobState, reported: JobState) -> None:
    assert not follows(current, reported)


@pytest.mark.parametrize("current", sorted(OPEN_STATES))
@pytest.mark.parametrize("reported", sorted(END_STATES))
def test_an_end_closes_any_open_state(current: JobState, reported: JobState) -> None:
    assert follows(current, reported)


def test_only_an_end_closes_a_stop() -> None:
    assert [reported for reported in REPORTABLE if follows(S.STOPPING, reported)] == [
        S.ENDED,
        S.LOST,
        S.FAILED,
        S.BLOCKED,
    ]


@pytest.mark.parametrize("current", sorted(OPEN_STATES))
def test_preparing_pulls_nobody_back(current: JobState) -> None:
    assert follows(current, S.STARTING) == (current in (S.PLANNED, S.UNKNOWN))


def test_what_runs_moves_freely() -> None:
    for current, reported in itertools.product(RUNNING | {S.STARTING, S.UNKNOWN}, RUNNING):
        assert follows(current, reported) == (current != reported)


def test_two_words_of_one_instant_have_an_order() -> None:
    """Later phases first, then the more particular word; no two reportable open states are equal."""
    states = [S.TAKEN_OVER, S.STARTING, S.PAUSED, S.READY, S.LIVE]
    assert sorted(states, key=order) == [S.STARTING, S.READY, S.LIVE, S.PAUSED, S.TAKEN_OVER]
