"""Wake-ups after a commit: topics and numbers, never content. Losing one costs at most a second.

In one process (the default) a notice goes straight to the listeners, from whichever thread committed.
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

_listeners: dict[int, tuple[asyncio.AbstractEventLoop, Listener]] = {}
_lock = threading.Lock()
_next_id = 0


def listen(listener: Listener) -> Callable[[], None]:
    """Call `listener` in the running event loop for every notice of this process; returns how to stop."""
    global _next_id
    loop = asyncio.get_running_loop()
    with _lock:
        _next_id += 1
        number = _next_id
        _listeners[number] = (loop, listener)

    def stop() -> None:
        with _lock:
            _listeners.pop(number, None)

    return stop


def publish_on_commit(notices: Iterable[Notice]) -> None:
    """Wake the listeners once the surrounding transaction has committed; never before, never if it rolls back."""
    wanted = tuple(notices)
    if wanted:
        transaction.on_commit(lambda: _publish(wanted), robust=True)


def _publish(notices: tuple[Notice, ...]) -> None:
    with _lock:
        listeners = list(_listeners.values())
    for loop, listener in listeners:
        for notice in notices:
            try:
                loop.call_soon_threadsafe(listener, notice)
            except RuntimeError:  # that loop is closing; its owner unsubscribes itself
                logger.debug("notice for a closed loop: %s", notice.topic)
