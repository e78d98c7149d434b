"""When words will be heard, from what plays, what waits and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.takeover.eta import Doors, Steps, expected_starts, outlook
from dashboard.takeover.states import Mode, TakeoverState

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
STEPS = Steps(sent_ms=100, now_ms=700, idle_ms=900, gap_ms=50)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@dataclass
class One:
    pk: int
    mode: str = Mode.APPEND
    state: str = TakeoverState.QUEUED
    estimate_ms: int = 4000
    requested_at: datetime = NOW - timedelta(seconds=10)
    held_until: datetime | None = None
    hold_over_at: datetime | None = None
    approved_at: datetime | None = None
    started_at: datetime | None = None
    is_asked_first: bool = False


def playing(since_s: float, length_s: float) -> One:
    state = TakeoverState.PLAYING
    return One(0, state=state, started_at=after(-since_s), estimate_ms=int(length_s * 1000))


def test_what_waits_is_heard_one_after_the_other_behind_what_plays() -> None:
    starts = expected_starts(playing(2, 5), [One(1), One(2, estimate_ms=2000), One(3)], NOW, steps=STEPS)
    assert starts == {1: after(3.05), 2: after(7.1), 3: after(9.15)}


def test_where_nothing_plays_the_vendor_alone_takes_its_time() -> None:
    assert expected_starts(None, [One(1, requested_at=NOW)], NOW, steps=STEPS) == {1: after(0.9)}


def test_nobody_is_promised_what_nobody_knows() -> None:
    rows = [One(1, state=TakeoverState.UNKNOWN), One(2, state=TakeoverState.AWAITING_APPROVAL), One(3)]
    assert list(expected_starts(None, rows, NOW, steps=STEPS)) == [3]


def test_what_a_second_person_has_yet_to_approve_is_promised_by_nobody() -> None:
    rows = [One(number, state=TakeoverState.HELD, held_until=after(3), is_asked_first=number == 1) for number in (1, 2)]
    assert list(expected_starts(None, rows, NOW, steps=STEPS)) == [2]


def test_a_held_item_counts_from_the_end_of_its_undo_window() -> None:
    held = One(1, state=TakeoverState.HELD, requested_at=NOW, held_until=after(3))
    assert expected_starts(None, [held], NOW, steps=STEPS) == {1: after(3.9)}


def test_now_cuts_and_the_others_follow_it() -> None:
    rows = [One(1, mode=Mode.NOW, requested_at=NOW), One(2)]
    assert expected_starts(playing(1, 60), rows, NOW, steps=STEPS) == {1: after(0.7), 2: after(4.75)}


def test_no_start_lies_in_the_past() -> None:
    assert expected_starts(playing(90, 5), [One(1)], NOW, steps=STEPS) == {1: after(0.05)}


@pytest.mark.parametrize(
    ("let_go_s", "at_door_s"),
    [(0.0, 2.0), (1.0, 2.0), (1.2, 5.0), (4.5, 9.0)],
)
def test_words_whose_sound_is_not_there_miss_the_end_of_the_sentence(let_go_s: float, at_door_s: float) -> None:
    doors = Doors((after(2), after(5), after(9)), must_be_ready=True)
    assert doors.first(after(let_go_s), STEPS) == after(at_door_s + 0.05)


def test_on_a_queue_words_hold_the_door_open_once_they_are_there() -> None:
    doors = Doors((after(2), after(10)))
    assert doors.first(after(1.5), STEPS) == after(2.4)
    assert doors.first(after(1.95), STEPS) == after(10.05)


def test_the_outlook_of_each_mode() -> None:
    one = outlook(playing(2, 5), [One(1), One(2)], NOW, steps=STEPS, before_insert=[1])
    assert one.heard_at(Mode.NOW, NOW) == after(0.7)
    assert one.heard_at(Mode.INSERT, NOW) == after(3.05 + 4 + 0.05)
    assert one.heard_at(Mode.APPEND, NOW) == after(3.05 + 4 + 0.05 + 4 + 0.05)
    alone = outlook(playing(2, 5), [One(1)], NOW, steps=STEPS)
    assert alone.heard_at(Mode.INSERT, NOW) == after(3.05)


@given(st.lists(st.integers(800, 30_000), max_size=12), st.floats(0, 30), st.floats(1, 30))
def test_starts_rise_and_leave_room_for_what_is_said(lengths: list[int], since: float, length: float) -> None:
    rows = [One(pk, estimate_ms=ms) for pk, ms in enumerate(lengths, start=1)]
    starts = expected_starts(playing(since, length), rows, NOW, steps=STEPS)
    assert list(starts) == [row.pk for row in rows]
    times = list(starts.values())
    for (row, start), following in zip(zip(rows, times, strict=True), times[1:], strict=False):
        assert following - start >= timedelta(milliseconds=row.estimate_ms)
    assert all(start >= NOW for start in times)
