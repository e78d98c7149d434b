"""What one paged listing of an account tells about all its jobs. Synchronous, one bounded set of queries each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from dashboard.events.kinds import Fact, Kind
from dashboard.events.kinds import Health as HealthPayload
from dashboard.events.models import Source
from dashboard.events.record import raise_sequence, record_many
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.projection import knows_better
from dashboard.jobs.states import JobState, follows, told
from dashboard.lib import clock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.vendors.models import Command, CommandKind, CommandState, Health, UnclaimedSession, VendorAccount
from dashboard.vendors.port import JobReport, Listing, VendorError

#: A job that was bound this recently may be missing from a listing that left before.
SETTLING_S = 5.0
#: How far apart two listings without a doubtful create must be before it counts as never arrived.
CREATE_GRACE_S = 10.0
#: How far the vendor's clock may be off beyond what was measured.
CLOCK_TOLERANCE_MS = 5_000


@dataclass(frozen=True, slots=True)
class Polled:
    """What the account's keeper does next."""

    missing: tuple[Job, ...]  # open here, not listed there: ask for each
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
        record_many(facts, PROJECTIONS)
    _note_unclaimed(account_id, [report for report in listing.jobs if report.vendor_ref not in jobs], listing)
    VendorAccount.objects.filter(pk=account_id).update(poll_ok_at=listing.asked_at)
    listed = {report.vendor_ref for report in listing.jobs}
    settled = listing.asked_at - timedelta(seconds=SETTLING_S)
    missing = Job.objects.filter(IS_OPEN, account_id=account_id, billed_from__lt=settled).exclude(vendor_ref="")
    return Polled(
        missing=tuple(missing.exclude(vendor_ref__in=listed).select_related("room", "account")),
        doubtful=tuple(
            Command.objects.filter(account_id=account_id, kind=CommandKind.CREATE, state=CommandState.UNKNOWN)
        ),
    )


def _of_interest(listing: Listing) -> Q:
    return Q(vendor_ref__in=[report.vendor_ref for report in listing.jobs])


def _is_news(job: Job, report: JobReport) -> bool:
    """Only what changes something becomes an event; "still live" is the account's `poll_ok_at`."""
    if report.coarse and knows_better(job):
        return False
    return report.at >= job.state_at and follows(JobState(job.state), told(report.says))


def _note_unclaimed(account_id: int, reports: Sequence[JobReport], listing: Listing) -> None:
    now = clock.now()
    for report in reports:
        UnclaimedSession.objects.update_or_create(
            account_id=account_id,
            vendor_ref=report.vendor_ref,
            defaults={"state": str(report.says), "seen_at": now},
            create_defaults={
                "state": str(report.says),
                "seen_at": now,
                "first_seen_at": report.started_at or listing.asked_at,
                "user_data": report.user_data[:120],
                "room_ref": report.room_ref[:128],
            },
        )
    gone = UnclaimedSession.objects.filter(account_id=account_id, decision="")
    gone.exclude(vendor_ref__in=[report.vendor_ref for report in reports]).delete()  # ended, or adopted meanwhile


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


def set_health(
    account: VendorAccount, health: Health, error: VendorError | None = None, skew_ms: int | None = None
) -> None:
    """Log the edge, not the tick: an event only where the health changed."""
    now = clock.now()
    row = {"code": error.code, "happened": list(error.happened), "todo": list(error.todo)} if error else None
    changes: dict[str, object] = {"health": health, "health_at": now, "health_error": row}
    if skew_ms is not None:
        changes["clock_skew_ms"] = skew_ms
    before = VendorAccount.objects.filter(pk=account.pk).values_list("health", flat=True).first()
    VendorAccount.objects.filter(pk=account.pk).update(**changes)
    if before == health:
        return
    # The rooms' own screens name the account that is missing: they are told once per change, not per listing.
    for room_id in (
        Job.objects.filter(IS_OPEN, account_id=account.pk).order_by("room_id").values_list("room_id", flat=True)
    ):
        raise_sequence(f"room:{room_id}")
    payload = HealthPayload(
        health=str(health),
        code=error.code if error else "",
        happened=error.happened if error else ("", ""),
        todo=error.todo if error else ("", ""),
    )
    fact = Fact(
        kind=Kind.ACCOUNT_HEALTH,
        payload=payload,
        source=Source.CONSOLE,
        dedupe_key=f"account.health:{account.pk}:{now.timestamp():.6f}",
        at=now,
        team_id=account.team_id,
        account_id=account.pk,
    )
    record_many([fact], PROJECTIONS)
