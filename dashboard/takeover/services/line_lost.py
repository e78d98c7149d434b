"""Whoever carried a microphone's sound is gone, and with it whoever would have told how it ended."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.takeover.models import Takeover
from dashboard.takeover.voices.ends import look_after


def line_lost(*, trace_id: str) -> None:
    """The voice `trace_id` is looked after from now on, unless its end was told."""
    item = Takeover.objects.whole(trace_id)
    with deeds.locked(item.job.topic) as now:
        item.refresh_from_db()
        if item.is_open:
            look_after(item, now)
