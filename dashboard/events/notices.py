"""Wake-ups after a commit: topics and numbers, never content. Losing one costs at most a second.

In one process (the default) a notice goes straight to the listeners, from whichever thread committed. Between processes
`live/exchange.py` carries them: it forwards what this process published and delivers what others did.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """`topic` is a sequence's (`room:7`) with its new number, or `outbox:<account>:<job>:<lane>` with 0.

    `is_urgent` is False where only the audience moved: many facts, and nobody waits for one of them.
    """

    topic: str
    seq: int
    is_urgent: bool = True


Listener = Callable[[Notice], None]


class _Listeners:
    """Who is told, each in the event loop in which it began to listen."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[asyncio.AbstractEventLoop, Listener]] = {}
        self._lock = threading.Lock()
        self._next = 0

    def add(self, listener: Listener) -> Callable[[], None]:
        loop = asyncio.get_running_loop()
        with self._lock:
            self._next += 1
            number = self._next
            self._told[number] = (loop, listener)

        def stop() -> None:
            with self._lock:
                self._told.pop(number, None)

        return stop

    def tell(self, notices: Iterable[Notice]) -> None:
        with self._lock:
            told = list(self._told.values())
        for loop, listener in told:
            for notice in notices:
                try:
                    loop.call_soon_threadsafe(listener, notice)
                except RuntimeError:  # that loop is closing; its owner unsubscribes itself
                    logger.debug("notice for a closed loop: %s", notice.topic)


_here = _Listeners()
_elsewhere = _Listeners()


def listen(listener: Listener) -> Callable[[], None]:
    """Call `listener` in the running event loop for every notice, whoever published it; returns how to stop."""
    return _here.add(listener)


def forward(listener: Listener) -> Callable[[], None]:
    """Call `listener` in the running event loop for what this process published itself; returns how to stop."""
    return _elsewhere.add(listener)


def deliver(notices: Iterable[Notice]) -> None:
    """Tell the listeners of this process what another one published."""
    _here.tell(tuple(notices))


def publish_on_commit(notices: Iterable[Notice]) -> None:
    """Wake the listeners once the surrounding transaction has committed; never before, never if it rolls back."""
    wanted = tuple(notices)
    if wanted:
        transaction.on_commit(lambda: _publish(wanted), robust=True)


def _publish(notices: tuple[Notice, ...]) -> None:
    _here.tell(notices)
    _elsewhere.tell(notices)
