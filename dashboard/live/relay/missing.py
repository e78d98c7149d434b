"""Jobs that count as running here and that their vendor does not know: said, never decided by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dashboard.events.record import lock_topic, raise_sequence
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.questions import look
from dashboard.live.relay.sessions import session_of
from dashboard.vendors.port import Accepted, Gateway, Listing, Rejected

#: How long a vendor must not know a job before that is said: a listing and the job itself may disagree for a moment.
UNKNOWN_FOR_S = 4.0


class Missing:
    """The jobs of one account that its vendor did not list and refused to tell of, and since when."""

    def __init__(self, account_id: int, gateway: Gateway) -> None:
        self._account_id = account_id
        self._gateway = gateway
        self._since: dict[int, tuple[float, datetime]] = {}

    async def ask_for(self, jobs: tuple[Job, ...], listing: Listing) -> None:
        """Each of `jobs`, which `listing` does not hold: what became of it, or that there is no such job."""
        unlisted = {job.pk for job in jobs}
        self._since = {pk: since for pk, since in self._since.items() if pk in unlisted}
        await in_thread(_found_again, self._account_id, listing)
        for job in jobs:
            told = await look(job, await in_thread(session_of, job), self._gateway)
            if isinstance(told, Rejected):
                await in_thread(self._not_known, job)
            elif isinstance(told, Accepted):
                await in_thread(self._known, job)

    def _not_known(self, job: Job) -> None:
        began, at = self._since.setdefault(job.pk, (clock.monotonic(), clock.now()))
        if job.missing_since is None and clock.monotonic() - began >= UNKNOWN_FOR_S:
            _note(job, at)

    def _known(self, job: Job) -> None:
        self._since.pop(job.pk, None)
        if job.missing_since is not None:
            _note(job, None)


def _found_again(account_id: int, listing: Listing) -> None:
    """The vendor lists jobs that it did not know a moment ago."""
    listed = [report.vendor_ref for report in listing.jobs]
    for job in Job.objects.filter(account_id=account_id, vendor_ref__in=listed, missing_since__isnull=False):
        _note(job, None)


def _note(job: Job, since: datetime | None) -> None:
    with transaction.atomic():
        lock_topic(job.topic)
        if Job.objects.filter(IS_OPEN, pk=job.pk).update(missing_since=since):
            raise_sequence(job.topic)
