"""Batches of audience events in the database: which are next, and where the cursor stands after an answer.

The cursor's `batch_to_seq` is durable before a batch leaves; a batch with an unknown outcome is never repeated, since
its events would fire the vendor's rules twice (docs/live.md). Numbers of viewers fire no rule, so they may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from dashboard.audience.models import ReportCursor
from dashboard.events.kinds import AUDIENCE, Kind, Unreported
from dashboard.events.models import Event
from dashboard.events.record import lock_topic
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.live.relay.sessions import session_of
from dashboard.vendors.port import Accepted, AudienceEvent, NotSent, Outcome, Session

BIGGEST_BATCH = 100


@dataclass(frozen=True, slots=True)
class Batch:
    job: Job
    session: Session
    events: tuple[AudienceEvent, ...]
    to_seq: int
    counted: int
    """Events that are no mere number of viewers: what is unsure when the answer is lost."""


def with_news(jobs: Iterable[int]) -> set[int]:
    """Those of `jobs` that have something to report, or a batch that nobody has settled. One query for all of them."""
    topic = Concat(Value("room:"), Cast(OuterRef("room_id"), CharField()))
    news = Event.objects.filter(job_id=OuterRef("pk"), kind__in=sorted(AUDIENCE), id__gt=OuterRef("reported"))
    found = (
        Job.objects.annotate(reported=_event_at(topic, OuterRef("report_cursor__sent_through_seq")))
        .filter(Q(report_cursor__batch_to_seq__isnull=False) | Exists(news), pk__in=jobs)
        .exclude(report_url="")
    )
    return set(found.values_list("pk", flat=True))


def _event_at(topic: Combinable | str, seq: Combinable | int) -> Coalesce:
    """The id of a number: a job's events are indexed by it, so a long show costs no more than a short one."""
    return Coalesce(Subquery(Event.objects.filter(sequence__topic=topic, seq=seq).values("id")[:1]), 0)


def next_batch(job_id: int) -> Batch | None:
    with transaction.atomic():
        job = Job.objects.whole(job_id)
        if not job.report_url:
            return None
        lock_topic(job.topic)  # first, as everywhere: a doubt is recorded under it
        cursor, _ = ReportCursor.objects.select_for_update().get_or_create(job=job)
        if cursor.batch_to_seq is not None:
            _give_up(job, cursor)  # an earlier relay died with it: whether it arrived is not known
        events = list(_unreported(job, cursor).order_by("id")[:BIGGEST_BATCH])
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


def _unreported(job: Job, cursor: ReportCursor) -> QuerySet[Event]:
    reported = _event_at(job.topic, cursor.sent_through_seq)
    return Event.objects.filter(job_id=job.pk, kind__in=sorted(AUDIENCE), id__gt=reported)


def _give_up(job: Job, cursor: ReportCursor) -> None:
    lost = _unreported(job, cursor).filter(seq__lte=cursor.batch_to_seq).exclude(kind=Kind.VIEWERS).count()
    _count_unsure(job, cursor, lost)


def _count_unsure(job: Job, cursor: ReportCursor, events: int) -> None:
    to_seq = cursor.batch_to_seq or cursor.sent_through_seq
    cursor.sent_through_seq, cursor.batch_to_seq = to_seq, None
    cursor.unsure_events += events
    cursor.save(update_fields=["sent_through_seq", "batch_to_seq", "unsure_events"])
    if events:
        accept(job_fact(job, Kind.JOB_REPORT_UNSURE, Unreported(events=events), key=str(to_seq)))


def settle(batch: Batch, outcome: Outcome[None]) -> None:
    with transaction.atomic():
        lock_topic(batch.job.topic)
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


def keep_url(job_id: int, url: str, until: datetime | None) -> None:
    job = Job.objects.get(pk=job_id)
    job.report_url, job.report_url_until = url, until
    job.save(update_fields=["report_url", "report_url_until"])
