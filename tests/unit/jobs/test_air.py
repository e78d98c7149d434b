"""The air state is what viewers get: a pure function, over every job state."""

from __future__ import annotations

import pytest

from dashboard.jobs.air import IDLE, LOUD, Air, AirState, air
from dashboard.jobs.states import JobState, StreamLink

EXPECTED = {
    JobState.PLANNED: AirState.OFF,
    JobState.STARTING: AirState.PREPARING,
    JobState.READY: AirState.READY,
    JobState.LIVE: AirState.ON_AIR,
    JobState.PAUSED: AirState.PAUSED,
    JobState.TAKEN_OVER: AirState.TALKBACK,
    JobState.STOPPING: AirState.ENDING,
    JobState.ENDED: AirState.ENDED,
    JobState.FAILED: AirState.FAILED,
    JobState.LOST: AirState.FAILED,
    JobState.BLOCKED: AirState.BLOCKED,
    JobState.UNKNOWN: AirState.UNKNOWN,
}


def test_a_room_without_a_job_is_off() -> None:
    assert air(None) == Air(AirState.OFF)
    assert air(None, person_speaks=True, stream_link=StreamLink.DOWN) == Air(AirState.OFF)


def test_every_state_of_a_job_has_its_air() -> None:
    assert {state: air(state).state for state in JobState} == EXPECTED


@pytest.mark.parametrize("state", JobState)
def test_a_person_who_speaks_makes_only_a_room_on_air_talk_back(state: JobState) -> None:
    expected = AirState.TALKBACK if state == JobState.LIVE else EXPECTED[state]
    assert air(state, person_speaks=True).state == expected


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("link", StreamLink)
def test_a_dead_stream_contradicts_only_what_is_on_air(state: JobState, link: StreamLink) -> None:
    on_air = state in (JobState.LIVE, JobState.PAUSED, JobState.TAKEN_OVER)
    dead = link in (StreamLink.DOWN, StreamLink.ENDED)
    assert air(state, stream_link=link) == Air(EXPECTED[state], contradiction=on_air and dead)


def test_loud_and_idle_states_are_apart() -> None:
    assert {AirState.TALKBACK, AirState.FAILED, AirState.BLOCKED, AirState.UNKNOWN} == LOUD
    assert {AirState.OFF, AirState.ENDED} == IDLE


def test_what_begins_in_a_pause_is_heard_and_what_the_pause_cut_is_not() -> None:
    assert air(JobState.PAUSED, person_speaks=True, into_pause=True).state == AirState.TALKBACK
    assert air(JobState.PAUSED, person_speaks=True).state == AirState.PAUSED
    assert air(JobState.PAUSED, into_pause=True).state == AirState.PAUSED
