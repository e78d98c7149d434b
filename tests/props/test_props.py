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
    ("plant", "sentence"),
    [
        ("resend", "heard "),
        ("cancel", "cancelled before it left, and heard"),
        ("fence", "heard "),
    ],
)
def test_a_planted_bug_is_caught(plant: str, sentence: str) -> None:
    told = props("--plant", plant, "--until", sentence, "--from", "1000", "--n", "400", "--no-shrink")
    assert told.returncode == CAUGHT, told.stdout[-4_000:] + told.stderr[-2_000:]
