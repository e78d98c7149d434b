"""What one paged listing of an account tells about all its jobs. Synchronous, one bounded set of queries each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.projection import LISTING_SETTLES, knows_better
from dashboard.jobs.states import END_STATES, JobState, Rung, follows, told
from dashboard.live.intake.accept import accept
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.relay import ghosts
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorAccount
from dashboard.vendors.port import JobReport, Listing

#: How long after a job's end its vendor is asked for the reason.
REASON_WITHIN_S = 60.0
#: How long after its end here a vendor may go on listing a job.
ENDED_SETTLES_S = 30.0


@dataclass(frozen=True, slots=True)
class Polled:
    """What the account's keeper does next."""

    missing: tuple[Job, ...]  # not listed there, and open here or just ended without a reason: ask for each
    doubtful: tuple[Command, ...]  # creates without an outcome


def apply_listing(account_id: int, listing: Listing, relay: str) -> Polled:
    """Record what changed, note what nobody here started, and say which jobs have to be asked for."""
    jobs = {job.vendor_ref: job for job in Job.objects.filter(account_id=account_id).filter(_of_interest(listing))}
    facts = []
    for report in listing.jobs:
        job = jobs.get(report.vendor_ref)
        if job is not None and _is_news(job, report):
            facts.append(fact_of(job, report, Heard("poll", f"poll:{relay}:{listing.asked_at.timestamp():.3f}")))
    if facts:
        accept(*facts)
    account = VendorAccount.objects.get(pk=account_id)
    ended = {ref for ref, job in jobs.items() if _ended_long_ago(job, listing)}
    nobodys = [
        report
        for report in listing.jobs
        if told(report.says) not in END_STATES and (report.vendor_ref not in jobs or report.vendor_ref in ended)
    ]
    ghosts.note(account, nobodys, listing, ended)
    missing = _missing(account_id, listing)
    # First: from the moment that this listing counts as good, a job that it lacks has a time of its own.
    _note_unlisted(missing, jobs.values(), account.poll_ok_at)
    VendorAccount.objects.filter(pk=account_id).update(poll_ok_at=listing.asked_at)
    return Polled(
        missing=missing,
        doubtful=tuple(
            Command.objects.filter(account_id=account_id, kind=CommandKind.CREATE, state=CommandState.UNKNOWN)
        ),
    )


def _missing(account_id: int, listing: Listing) -> tuple[Job, ...]:
    listed = {report.vendor_ref for report in listing.jobs}
    settled = listing.asked_at - LISTING_SETTLES
    lost = Q(IS_OPEN, billed_from__lt=settled) | _ended_without_a_reason(listing)
    jobs = Job.objects.filter(lost, account_id=account_id).exclude(vendor_ref="").exclude(vendor_ref__in=listed)
    return tuple(jobs.select_related("room", "account"))


def _note_unlisted(missing: Iterable[Job], listed: Iterable[Job], before: datetime | None) -> None:
    """The listing of `before` was the last to have them, or none was since their start was taken.

    What is listed again is as young as the account's listing.
    """
    if lost := [job.pk for job in missing if job.is_open and job.listed_until is None]:
        Job.objects.filter(IS_OPEN, pk__in=lost).update(listed_until=before or F("billed_from"))
    if back := [job.pk for job in listed if job.is_open and job.listed_until is not None]:
        Job.objects.filter(IS_OPEN, pk__in=back).update(listed_until=None)


def _ended_without_a_reason(listing: Listing) -> Q:
    """Jobs whose end a command channel told (PLAY_END): one word for every end. Whether it failed or was blocked, and
    why, only the job itself tells, and that a moment later."""
    asked = Event.objects.filter(
        job_id=OuterRef("pk"), kind=Kind.JOB_STATE, data__by="stat", data__says__in=sorted(map(str, END_STATES))
    )
    since = listing.asked_at - timedelta(seconds=REASON_WITHIN_S)
    return Q(~Exists(asked), ended_at__gte=since, state=JobState.ENDED, rung=Rung.OBSERVED)


def _of_interest(listing: Listing) -> Q:
    return Q(vendor_ref__in=[report.vendor_ref for report in listing.jobs])


def _is_news(job: Job, report: JobReport) -> bool:
    """Only what changes something becomes an event; "still live" is the account's `poll_ok_at`."""
    if report.coarse and knows_better(job):
        return False
    return report.at >= job.state_at and follows(JobState(job.state), told(report.says))


def _ended_long_ago(job: Job, listing: Listing) -> bool:
    """Over here, and not just now: a vendor may list a job for a moment after its end."""
    settled = listing.asked_at - timedelta(seconds=ENDED_SETTLES_S)
    return not job.is_open and job.ended_at is not None and job.ended_at < settled
