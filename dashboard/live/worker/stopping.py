"""Lets a task know that its worker was asked to stop, so that it ends after the step it is at."""

from __future__ import annotations

import threading
from contextvars import ContextVar

#: Of the worker that runs this thread; outside of one nobody asks.
asked: ContextVar[threading.Event | None] = ContextVar("stop_asked", default=None)


def pause(seconds: float) -> bool:
    """Let others have the database for a moment; whether the task should end now."""
    event = asked.get()
    return event.wait(seconds) if event is not None else False
