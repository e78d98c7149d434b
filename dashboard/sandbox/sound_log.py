"""What sound came in at each open microphone: how much, from when to when. For tests and the curious; never kept."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.lib.clock import Clock

KEEP = 500


@dataclass(slots=True)
class Sound:
    """`first_real` and `last_real` are wall time; `peak` is the loudest 16 bit sample."""

    seq: int
    vendor: str
    session: str
    ref: str
    bytes: int = 0
    frames: int = 0
    longest: int = 0
    peak: int = 0
    first_real: datetime | None = None
    last_real: datetime | None = None


class SoundLog:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sounds: deque[Sound] = deque(maxlen=KEEP)
        self._number = 0

    def add(self, vendor: str, session: str, ref: str, sound: bytes) -> None:
        """One frame of the microphone `ref`; what is no PCM counts by its bytes alone."""
        newest = self._sounds[-1] if self._sounds else None
        if newest is None or (newest.vendor, newest.session, newest.ref) != (vendor, session, ref):
            newest = next((one for one in self._sounds if (one.session, one.ref) == (session, ref)), None)
        if newest is None:
            self._number += 1
            newest = Sound(self._number, vendor, session, ref, first_real=self._clock.now())
            self._sounds.append(newest)
        newest.bytes += len(sound)
        newest.frames += 1
        newest.longest = max(newest.longest, len(sound))
        newest.last_real = self._clock.now()
        if sound and len(sound) % 2 == 0:
            samples = array("h", sound)
            newest.peak = max(newest.peak, max(samples), -min(samples))

    def since(self, number: int, session: str | None) -> list[dict[str, Any]]:
        return [_row(one) for one in self._sounds if one.seq > number and session in (None, one.session)]

    def clear(self) -> None:
        self._sounds.clear()


def _row(sound: Sound) -> dict[str, Any]:
    row = {name: getattr(sound, name) for name in Sound.__slots__}
    for name in ("first_real", "last_real"):
        row[name] = row[name] and row[name].isoformat()
    return row
