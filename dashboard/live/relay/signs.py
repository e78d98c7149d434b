"""Signs of life of the jobs that a relay keeps: good pings and heartbeats, written for all of them once a second.

Each room answers a ping every 5 s: a row written for each would cost a relay of a thousand rooms more than all it
sends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from django.db.models import Q

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread

Column = Literal["link_at", "heartbeat_ok_at"]
#: By column and epoch, since when each job showed that sign: first of several.
Seen = Mapping[tuple[Column, int], Mapping[int, datetime]]


class Signs:
    """Noted in the event loop. What could not be written is not kept: the next sign says more."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Column, int], dict[int, datetime]] = defaultdict(dict)

    def note(self, column: Column, job_id: int, epoch: int) -> None:
        self._seen[column, epoch].setdefault(job_id, clock.now())

    def taken(self) -> Seen:
        """What came since the last time."""
        seen, self._seen = self._seen, defaultdict(dict)
        return seen

    async def write(self, relay: str) -> None:
        if seen := self.taken():
            await in_thread(write, relay, seen)


def write(relay: str, seen: Seen) -> None:
    """Bound to the epoch: what a keeper says of its own lines counts only while it keeps the job.

    All of a second get the time of the first of them: nothing looks fresher than it is.
    """
    for (column, epoch), jobs in seen.items():
        at = min(jobs.values())
        is_older = Q(**{column: None}) | Q(**{f"{column}__lt": at})
        Job.objects.filter(is_older, owner=relay, epoch=epoch, pk__in=list(jobs)).update(**{column: at})
