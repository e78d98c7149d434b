"""Finds a start without an answer in the account's listings: it runs, it never arrived, or nobody can tell yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.outcomes.starts import create_never_arrived
from dashboard.live.relay.questions import adopt_if_found
from dashboard.vendors.models import Command
from dashboard.vendors.port import Gateway, Listing, Session

#: How far apart two listings without a doubtful create must be before it counts as never arrived.
CREATE_GRACE_S = 10.0
#: How far the vendor's clock may be off beyond what was measured.
CLOCK_TOLERANCE_MS = 5_000


class LostStarts:
    """The starts in doubt of one account, and since when the listings do not hold them."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._first_look: dict[int, float] = {}

    async def look_for(self, command: Command, listing: Listing) -> None:
        match = await in_thread(match_create, command, listing, first_looked_at=self._first_look.get(command.pk))
        if match.job is None:
            return
        if match.vendor_ref:
            session = Session(vendor_ref=match.vendor_ref, room_ref=match.job.room.vendor_ref)
            await adopt_if_found(match.job, session, self._gateway, by="listing")
        elif match.never:
            await in_thread(create_never_arrived, match.job)
        else:
            self._first_look.setdefault(command.pk, clock.monotonic())


@dataclass(frozen=True, slots=True)
class Match:
    """What a listing says about a doubtful create: a session to adopt, that it never arrived, or nothing yet."""

    job: Job | None
    vendor_ref: str = ""
    never: bool = False


def match_create(command: Command, listing: Listing, *, first_looked_at: float | None) -> Match:
    """Match by our own mark, else by the one new session; never guess between two (B33).

    `first_looked_at` is the monotonic time of the first listing after the doubt that did not hold it.
    """
    if command.job_id is None:
        return Match(None)
    job = Job.objects.filter(pk=command.job_id).select_related("room", "account").first()
    if job is None or job.vendor_ref:
        return Match(None)
    # The vendor stamps its own clock: one that runs behind ours must not make its session look older than our start.
    behind = min(0, job.account.clock_skew_ms or 0)
    since = (command.claimed_at or command.created_at) + timedelta(milliseconds=behind - CLOCK_TOLERANCE_MS)
    known = set(
        Job.objects.filter(account_id=command.account_id).exclude(vendor_ref="").values_list("vendor_ref", flat=True)
    )
    mark = f"talkback-{job.pk}"
    strangers = [report for report in listing.jobs if report.vendor_ref not in known]
    fresh = [
        report
        for report in strangers
        if report.user_data in ("", mark)  # another job's mark is no guess
        and (report.started_at is None or report.started_at >= since)
        and (not report.room_ref or not job.room.vendor_ref or report.room_ref == job.room.vendor_ref)
    ]
    marked = [report for report in fresh if report.user_data == mark]
    candidates = marked or fresh
    if len(candidates) == 1:
        return Match(job, candidates[0].vendor_ref)
    if candidates:
        return Match(job)
    if any(report.room_ref and report.room_ref == job.room.vendor_ref for report in strangers):
        return Match(job)  # this very room runs there, whenever it says it began: no second start is offered
    waited = first_looked_at is not None and clock.monotonic() - first_looked_at >= CREATE_GRACE_S
    return Match(job, never=waited)
