"""Who may write next, within this process: in order of arrival, but a panic goes first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_goes_first: ContextVar[bool] = ContextVar("goes_first", default=False)


@contextmanager
def first_in_line() -> Iterator[None]:
    """What is written in here stands before all others that wait for their turn, not before who has it."""
    token = _goes_first.set(True)
    try:
        yield
    finally:
        _goes_first.reset(token)


class Turns:
    """A lock that is handed on: who waits longest has it next, so nobody is passed over again and again."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._is_taken = False
        self._first: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()

    def take(self, timeout_s: float) -> bool:
        """Whether it is the caller's turn now; if not, it was somebody else's for `timeout_s`."""
        line = self._first if _goes_first.get() else self._others
        with self._changing:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Event()
            line.append(mine)
        if mine.wait(timeout_s):
            return True
        with self._changing:
            if mine.is_set():  # handed on just when the caller gave up
                return True
            line.remove(mine)
            return False

    def hand_on(self) -> None:
        with self._changing:
            line = self._first or self._others
            if line:
                line.popleft().set()
            else:
                self._is_taken = False
