"""Who may write next, within this process: in order of arrival, but what stops or silences goes first."""

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
        try:
            if mine.wait(timeout_s):
                return True
        except BaseException:  # e.g. Ctrl-C: a turn that nobody takes would end all turns
            if not self._leave(line, mine):
                self.hand_on()
            raise
        return not self._leave(line, mine)

    def _leave(self, line: deque[threading.Event], mine: threading.Event) -> bool:
        """Whether the caller could leave the line; if not, the turn was handed to it just then."""
        with self._changing:
            if mine.is_set():
                return False
            line.remove(mine)
            return True

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._first) + len(self._others)

    def hand_on(self) -> None:
        with self._changing:
            line = self._first or self._others
            if line:
                line.popleft().set()
            else:
                self._is_taken = False
