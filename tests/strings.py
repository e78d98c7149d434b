"""What the console's lists keep of rooms, for tests: each has a database of its own, where the same ids are others."""

from __future__ import annotations

from dashboard.console import feed, job_lists, room_lists


def forget_strings() -> None:
    for strings in (room_lists.ROWS, room_lists.TILES, job_lists.ROWS, feed.LINES):
        strings.forget()
