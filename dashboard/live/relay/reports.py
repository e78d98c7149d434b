"""Forwards audience events to MetaStudio's event report, so that the vendor's own rules can answer them.

Batched per job, fair across rooms (one batch per room and round), within the account's limit. The cursor's
`batch_to_seq` is durable before a batch leaves; a batch with an unknown outcome is never repeated, since its events
would fire the vendor's rules twice (design.md, section 3). Numbers of viewers fire no rule, so they may be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from dashboard.audience.models import ReportCursor
from dashboard.events.kinds import AUDIENCE, Kind, Unreported
from dashboard.events.models import Event
from dashboard.events.record import record_many
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.states import ON_AIR
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import job_fact
from dashboard.live.relay.sessions import session_of
from dashboard.vendors.port import Accepted, AudienceEvent, Gateway, NotSent, Outcome, Session

BIGGEST_BATCH = 100
#: A report address is renewed this long before it expires (`expires_time`, 002:10007).
RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Batch:
    job: Job
    session: Session
    events: tuple[AudienceEvent, ...]
    to_seq: int
    counted: int
    """Events that are no mere number of viewers: what is unsure when the answer is lost."""


async def forward(account_id: int, relay: str, gateway: Gateway) -> None:
    """One round: at most one batch per room of this account."""
    for job_id in await in_thread(_jobs, account_id, relay):
        batch = await in_thread(_next_batch, job_id)
        if batch is None:
            continue
        session = batch.session
        if batch.job.report_url_until and batch.job.report_url_until - clock.now() < RENEW_BEFORE:
            session = await _renew(batch, gateway)
        outcome = await gateway.report_events(session, batch.events)
        await in_thread(_settle, batch, outcome)


def _jobs(account_id: int, relay: str) -> list[int]:
    jobs = Job.objects.filter(IS_OPEN, account_id=account_id, owner=relay, state__in=sorted(ON_AIR))
    # The one that waits longest goes first, so that a busy room does not starve the others.
    return list(jobs.order_by("report_cursor__last_ok_at", "pk").values_list("pk", flat=True))


def _next_batch(job_id: int) -> Batch | None:
    with transaction.atomic():
        job = Job.objects.select_related("room", "account").get(pk=job_id)
        if not job.report_url:
            return None
        cursor, _ = ReportCursor.objects.select_for_update().get_or_create(job=job)
        if cursor.batch_to_seq is not None:
            _give_up(job, cursor)  # an earlier relay died with it: whether it arrived is not known
        events = list(
            Event.objects.filter(job_id=job_id, kind__in=sorted(AUDIENCE), seq__gt=cursor.sent_through_seq).order_by(
                "seq"
            )[:BIGGEST_BATCH]
        )
        if not events:
            return None
        cursor.batch_to_seq, cursor.batch_sent_at = events[-1].seq, clock.now()
        cursor.save(update_fields=["batch_to_seq", "batch_sent_at"])
    reported = tuple(
        AudienceEvent(int(event.data["type"]), int(event.at.timestamp() * 1000), str(event.data.get("raw", "")))
        for event in events
    )
    counted = sum(event.kind != Kind.VIEWERS for event in events)
    return Batch(job, session_of(job), reported, events[-1].seq, counted)


def _give_up(job: Job, cursor: ReportCursor) -> None:
    lost = (
        Event.objects.filter(
            job_id=job.pk, kind__in=sorted(AUDIENCE), seq__gt=cursor.sent_through_seq, seq__lte=cursor.batch_to_seq
        )
        .exclude(kind=Kind.VIEWERS)
        .count()
    )
    _count_unsure(job, cursor, lost)


def _count_unsure(job: Job, cursor: ReportCursor, events: int) -> None:
    to_seq = cursor.batch_to_seq or cursor.sent_through_seq
    cursor.sent_through_seq, cursor.batch_to_seq = to_seq, None
    cursor.unsure_events += events
    cursor.save(update_fields=["sent_through_seq", "batch_to_seq", "unsure_events"])
    if events:
        fact = job_fact(job, Kind.JOB_REPORT_UNSURE, Unreported(events=events), clock.now(), str(to_seq))
        record_many([fact], PROJECTIONS)


def _settle(batch: Batch, outcome: Outcome[None]) -> None:
    with transaction.atomic():
        cursor = ReportCursor.objects.select_for_update().get(job=batch.job)
        if cursor.batch_to_seq != batch.to_seq:
            return
        if isinstance(outcome, Accepted):
            cursor.sent_through_seq, cursor.batch_to_seq, cursor.last_ok_at = batch.to_seq, None, clock.now()
            cursor.save(update_fields=["sent_through_seq", "batch_to_seq", "last_ok_at"])
        elif isinstance(outcome, NotSent):
            cursor.batch_to_seq = None
            cursor.save(update_fields=["batch_to_seq"])
        else:  # refused or unknown: in both cases this batch is over
            _count_unsure(batch.job, cursor, batch.counted)


async def _renew(batch: Batch, gateway: Gateway) -> Session:
    """The session with a new address where the vendor gives one; this very batch already goes there."""
    renewed = await gateway.refresh_report_url(batch.session)
    if not isinstance(renewed, Accepted):
        return batch.session
    url, until = renewed.value
    await in_thread(_keep_url, batch.job.pk, url, until)
    return replace(batch.session, report_url=url)


def _keep_url(job_id: int, url: str, until: datetime | None) -> None:
    job = Job.objects.get(pk=job_id)
    job.report_url, job.report_url_until = url, until
    job.save(update_fields=["report_url", "report_url_until"])
