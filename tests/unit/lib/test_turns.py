"""Writers of one process: in order of arrival, a panic first, nobody for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dashboard.lib.turns import Turns, first_in_line

PATIENCE_S = 10.0


def _wait_in_line(turns: Turns, work: Callable[[], None], *, first: bool = False) -> threading.Thread:
    """A thread that stands in line when this returns."""
    before = turns.waiting

    def stand() -> None:
        if first:
            with first_in_line():
                assert turns.take(PATIENCE_S)
        else:
            assert turns.take(PATIENCE_S)
        work()
        turns.hand_on()

    thread = threading.Thread(target=stand)
    thread.start()
    while thread.is_alive() and turns.waiting == before:
        thread.join(0.001)
    return thread


def test_turns_go_round_in_order_and_a_panic_goes_first() -> None:
    turns, had = Turns(), list[str]()
    assert turns.take(0)
    threads = [
        _wait_in_line(turns, lambda: had.append("one")),
        _wait_in_line(turns, lambda: had.append("two")),
        _wait_in_line(turns, lambda: had.append("panic"), first=True),
    ]
    turns.hand_on()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert had == ["panic", "one", "two"]
    assert turns.take(0)  # the last one left it free


def test_who_gives_up_holds_up_nobody() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.001)
    turns.hand_on()
    assert turns.take(0)
