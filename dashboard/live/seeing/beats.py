"""How long ago others beat, on our own clock: two machines need not agree on the time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.lib import clock


@dataclass(frozen=True, slots=True)
class Beat:
    """One look at one row: its number, and when it says that it last beat (its own clock)."""

    name: str
    number: int
    at: datetime


class Beats:
    """What this process saw of the beats of others; good for any thread."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def ages(self, beats: Iterable[Beat]) -> Mapping[str, float]:
        """Seconds since each last beat. Of one that is seen for the first time its own clock is believed."""
        now, wall = clock.monotonic(), clock.now()
        ages = {}
        with self._lock:
            seen, self._seen = self._seen, {}
            for beat in beats:
                number, since = seen.get(beat.name, (None, 0.0))
                if number is None:
                    since = now - max(0.0, (wall - beat.at).total_seconds())
                elif number != beat.number:
                    since = now
                self._seen[beat.name] = (beat.number, since)
                ages[beat.name] = max(0.0, now - since)
        return ages
