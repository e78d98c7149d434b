"""What the relay notes of a job's session at the vendor, or that there is none."""

from __future__ import annotations

import msgspec

from dashboard.events.record import raise_sequence
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState
from dashboard.vendors.port import SessionOpened


def bind_session(*, job: Job, opened: SessionOpened) -> None:
    """Keep how the vendor addresses this job (its secrets encrypted)."""
    session = opened.session
    job.vendor_ref = session.vendor_ref
    if session.token:
        job.session_token = session.token
    if session.rtc:
        job.rtc = msgspec.json.encode(dict(session.rtc)).decode()
    if session.report_url:
        job.report_url = session.report_url
        job.report_url_until = opened.report_url_until
    job.billed_from = job.billed_from or clock.now()
    job.save(update_fields=["vendor_ref", "session_token", "rtc", "report_url", "report_url_until", "billed_from"])


def renew_session(job: Job, opened: SessionOpened) -> None:
    """Keep the values that open the session's doors where the vendor has given new ones (RTC signature, token, address
    for reports): they expire, and a link that is refused is opened again with what stands here."""
    session, kept = opened.session, Job.objects.get(pk=job.pk)
    if session.vendor_ref != kept.vendor_ref:
        return
    rtc = msgspec.json.encode(dict(session.rtc)).decode() if session.rtc else ""
    told = {"session_token": session.token, "rtc": rtc, "report_url": session.report_url}
    changed = [name for name, value in told.items() if value and value != getattr(kept, name)]
    for name in changed:
        setattr(kept, name, told[name])
    if "report_url" in changed:
        kept.report_url_until = opened.report_url_until
        changed.append("report_url_until")
    if changed:
        kept.save(update_fields=changed)


def settle_create(job: Job, state: CommandState, *, error: dict[str, object] | None = None) -> None:
    """Close the job's create command, also a doubtful one (it blocks further creates of its lane)."""
    for command in Command.objects.filter(job_id=job.pk, kind=CommandKind.CREATE):
        outbox.settle(command, state, vendor_ref=job.vendor_ref, error=error)


def end_unstarted(job: Job) -> None:
    """The start never left us: the job ends without the vendor having heard of it."""
    now = clock.now()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.ENDED, state_at=now, state_source="console", ended_at=now, end_reason="never started"
    )
    raise_sequence(f"team:{job.team_id}")
