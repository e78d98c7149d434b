"""Courses by the hundred, the kept ones, and the planted bugs; each in a process and on a database of its own.

`make props` plays ten thousand (docs/props.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.props.command import props

KEPT = sorted((Path(__file__).parent / "seeds").glob("*.json"))
CAUGHT = 3


def test_two_hundred_courses_leave_the_judge_nothing_to_say() -> None:
    told = props("--n", "200")
    assert told.returncode == 0, told.stdout[-12_000:] + told.stderr[-2_000:]


def test_the_courses_that_once_failed_do_not_fail_again() -> None:
    told = props("--files", *map(str, KEPT))
    assert told.returncode == 0, told.stdout[-12_000:] + told.stderr[-2_000:]


def test_the_same_seed_is_the_same_course() -> None:
    first, second = props("--file", str(KEPT[0]), "--tell"), props("--file", str(KEPT[0]), "--tell")
    assert "HEARD" in first.stdout
    assert first.stdout == second.stdout


@pytest.mark.parametrize(
    ("plant", "sentence", "first"),
    [
        # Courses that catch it come every dozen or two; the first are near one, so that none but a few are played.
        ("resend", "heard ", 1007),
        ("cancel", "cancelled before it left, and heard", 1010),
        ("fence", "heard ", 1028),
    ],
)
def test_a_planted_bug_is_caught(plant: str, sentence: str, first: int) -> None:
    some = ("--from", str(first), "--n", "400", "--workers", "2")
    told = props("--plant", plant, "--until", sentence, *some, "--no-shrink")
    assert told.returncode == CAUGHT, told.stdout[-4_000:] + told.stderr[-2_000:]
