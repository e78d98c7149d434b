"""Where capture tools report what the audience does: one signed address per job, acknowledged after the commit."""

from __future__ import annotations

from django.conf import settings

from dashboard.audience.addresses import is_signed
from dashboard.audience.reports import parse_report
from dashboard.events.kinds import Fact
from dashboard.events.models import Source
from dashboard.jobs.models import Job
from dashboard.lib.errors import Invalid, NotThere, Refusal
from dashboard.live.intake.writer import COMMIT_S, Full, writer


def take_report(slug: str, signature: str, body: bytes) -> int:
    """Record one report; how many of its events were new. Raises a `Refusal` whose status is the answer's."""
    if not is_signed(slug, signature):
        raise _Unsigned("The address is not signed by this console.")
    job = Job.objects.of_intake(slug)
    if job is None:
        raise NotThere("No such job.")
    if not job.is_open:
        raise _Over("This job has ended; its audience is not recorded any more.")
    try:
        reported = parse_report(body, at_most=settings.INTAKE_MAX_EVENTS)
    except Invalid as refusal:
        raise _Unreadable(refusal.message, field=refusal.field) from None
    facts = [
        Fact(
            kind=one.kind,
            payload=one.payload,
            source=Source.AUDIENCE,
            dedupe_key=f"audience:{job.pk}:{one.dedupe}",
            at=one.at,
            team_id=job.team_id,
            account_id=job.account_id,
            room_id=job.room_id,
            job_id=job.pk,
        )
        for one in reported
    ]
    try:
        recorded = writer.submit(facts).result(timeout=COMMIT_S)
    except (Full, TimeoutError):
        # Perhaps recorded, perhaps not: repeating the report is harmless, its events are known by their own keys.
        raise _Busy("The console is catching up; send this report again in a second.") from None
    return sum(one.event is not None for one in recorded)


class _Unsigned(Refusal):
    status = 401


class _Over(Refusal):
    status = 410


class _Unreadable(Refusal):
    status = 400


class _Busy(Refusal):
    status = 429
