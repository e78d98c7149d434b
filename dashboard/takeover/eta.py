"""When each waiting item will be heard, as far as estimates tell. Pure: rows are read, nothing is asked or written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode

#: Between the end of one sentence and the first sound of the next, in seconds.
GAP_S = 0.3


def expected_starts(playing: Takeover | None, waiting: Iterable[Takeover], now: datetime) -> dict[int, datetime]:
    """By pk, when viewers are expected to hear each of `waiting`, which is in the order of hearing.

    What plays is heard to its end first, unless the first of those that wait cuts it.
    """
    free = now
    if playing is not None and playing.started_at is not None:
        free = max(now, playing.started_at + timedelta(milliseconds=playing.estimate_ms))
    starts: dict[int, datetime] = {}
    for item in waiting:
        begins = now if item.mode == Mode.NOW and not starts else free
        begins += timedelta(seconds=GAP_S)
        starts[item.pk] = begins.replace(microsecond=0)
        free = begins + timedelta(milliseconds=item.estimate_ms)
    return starts
