"""A takeover's state is the first piece of evidence on the ladder (docs/live.md)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.takeover.states import AT_VENDOR, CAN_CANCEL, JOB_ENDED, TERMINAL, TakeoverState, derive

T = TakeoverState
NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)


@dataclass
class Evidence:
    held_at: datetime | None = None
    hold_over_at: datetime | None = None
    approval_asked_at: datetime | None = None
    approved_at: datetime | None = None
    claimed_at: datetime | None = None
    accepted_at: datetime | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_sent_at: datetime | None = None
    cancel_ok_at: datetime | None = None
    failed_at: datetime | None = None
    rejected_at: datetime | None = None
    timeout_at: datetime | None = None
    left_at: datetime | None = None
    expired_at: datetime | None = None
    marked_spoken_at: datetime | None = None
    unknown_reason: str = ""


TIMES = [field.name for field in fields(Evidence) if field.name != "unknown_reason"]
#: Strongest first.
LADDER = [
    ("marked_spoken_at", T.DONE),
    ("rejected_at", T.REJECTED),
    ("failed_at", T.FAILED),
    ("finished_at", T.DONE),
    ("cancel_ok_at", T.CANCELLED),
    ("expired_at", T.EXPIRED),
    ("cancel_sent_at", T.CANCELLING),
    ("started_at", T.PLAYING),
    ("left_at", T.UNKNOWN),
    ("queued_at", T.QUEUED),
    ("timeout_at", T.UNKNOWN),
    ("accepted_at", T.ACCEPTED),
    ("claimed_at", T.SENDING),
]
#: Before it is handed on: each opens a state that another piece closes.
BEFORE = {
    "held_at": T.HELD,
    "hold_over_at": T.WAITING,
    "approval_asked_at": T.AWAITING_APPROVAL,
    "approved_at": T.WAITING,
}


def evidence(*names: str, why: str = "") -> Evidence:
    return Evidence(**dict.fromkeys(names, NOW), unknown_reason=why)


def test_nothing_yet_is_waiting() -> None:
    assert derive(Evidence()) == T.WAITING
    assert {name for name, _ in LADDER} | set(BEFORE) == set(TIMES)


@pytest.mark.parametrize(("name", "state"), BEFORE.items())
def test_before_it_is_handed_on(name: str, state: TakeoverState) -> None:
    assert derive(evidence(name)) == state


def test_the_undo_window_comes_before_the_second_person() -> None:
    assert derive(evidence("held_at", "approval_asked_at")) == T.HELD
    assert derive(evidence("held_at", "hold_over_at", "approval_asked_at")) == T.AWAITING_APPROVAL
    assert derive(evidence("held_at", "hold_over_at", "approval_asked_at", "approved_at")) == T.WAITING


@pytest.mark.parametrize(("name", "state"), LADDER)
def test_each_piece_of_evidence_alone(name: str, state: TakeoverState) -> None:
    assert derive(evidence(name)) == state


@given(st.sets(st.sampled_from(TIMES)), st.sampled_from(["", "left_queue", JOB_ENDED]))
@settings(derandomize=True, max_examples=400, deadline=None)
def test_the_strongest_piece_decides(names: set[str], why: str) -> None:
    expected = next((state for name, state in LADDER if name in names), derive(evidence(*(names & set(BEFORE)))))
    decided = next((name for name, _ in LADDER if name in names), "")
    if decided in ("cancel_sent_at", "started_at") and "left_at" in names:
        expected = T.UNKNOWN if "started_at" not in names or why == JOB_ENDED else expected
    if decided == "finished_at" and "cancel_ok_at" in names:
        expected = T.CANCELLED
    assert derive(evidence(*names, why=why)) == expected


def test_a_finish_with_a_confirmed_cancel_is_a_cancellation() -> None:
    assert derive(evidence("claimed_at", "started_at", "finished_at", "cancel_ok_at")) == T.CANCELLED
    assert derive(evidence("claimed_at", "started_at", "finished_at", "cancel_sent_at")) == T.DONE


def test_a_person_who_heard_it_is_believed_before_any_vendor() -> None:
    assert derive(evidence(*TIMES)) == T.DONE


def test_what_left_unheard_is_unknown_until_it_is_heard() -> None:
    assert derive(evidence("claimed_at", "queued_at", "left_at")) == T.UNKNOWN
    assert derive(evidence("claimed_at", "queued_at", "left_at", "started_at")) == T.PLAYING


def test_what_its_job_took_along_while_it_was_heard_is_unknown() -> None:
    assert derive(evidence("claimed_at", "started_at", "left_at", why=JOB_ENDED)) == T.UNKNOWN
    assert derive(evidence("claimed_at", "started_at", "cancel_sent_at", "left_at", why=JOB_ENDED)) == T.UNKNOWN
    assert derive(evidence("claimed_at", "started_at", "finished_at", "left_at", why=JOB_ENDED)) == T.DONE


def test_what_left_before_its_cancel_was_confirmed_is_unknown_too() -> None:
    assert derive(evidence("claimed_at", "queued_at", "cancel_sent_at", "left_at")) == T.UNKNOWN
    assert derive(evidence("claimed_at", "started_at", "cancel_sent_at", "left_at")) == T.CANCELLING
    assert derive(evidence("claimed_at", "cancel_sent_at", "cancel_ok_at", "left_at")) == T.CANCELLED


@pytest.mark.parametrize("name", ["marked_spoken_at", "rejected_at", "failed_at", "finished_at", "cancel_ok_at"])
def test_a_notice_tells_more_than_having_left(name: str) -> None:
    assert derive(evidence("claimed_at", name, "left_at")) == dict(LADDER)[name]


def test_the_sets_of_states() -> None:
    assert {T.DONE, T.CANCELLED, T.REJECTED, T.FAILED, T.EXPIRED} == TERMINAL
    assert {T.SENDING, T.ACCEPTED, T.QUEUED, T.PLAYING, T.CANCELLING, T.UNKNOWN} == AT_VENDOR
    assert set(T) - TERMINAL - {T.CANCELLING} == CAN_CANCEL
