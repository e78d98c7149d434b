"""The shortest course that still fails in the same way: steps are dropped, by halves and then one by one."""

from __future__ import annotations

from collections.abc import Callable

from tests.props.course import Course, Outcome

MOST_TRIES = 150


def shrink(outcome: Outcome, play: Callable[[Course], Outcome]) -> Outcome:
    kind = _kind(outcome)
    tries, size = 0, max(1, len(outcome.course.steps) // 2)
    while size and tries < MOST_TRIES:
        start = 0
        while start < len(outcome.course.steps) and tries < MOST_TRIES:
            tries += 1
            less = play(outcome.course.without(start, start + size))
            if kind & _kind(less):
                outcome = less
            else:
                start += size
        size //= 2
    return outcome


def _kind(outcome: Outcome) -> set[str]:
    """A judge's sentence up to the item it is about."""
    return {sentence.partition(":")[0] for sentence in outcome.sentences}
