"""Turns what a vendor reports (`port.Report`) into facts about our jobs. Pure, but for the job rows it is given."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.events.kinds import (
    Fact,
    Item,
    JobState,
    JobStream,
    Kind,
    Nothing,
    Payload,
    Raw,
    Remaining,
    ScriptPosition,
    Told,
)
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.lib.redact import redact
from dashboard.vendors.port import (
    ConflictReport,
    ItemReport,
    JobReport,
    LinkRefused,
    RemainingReport,
    Report,
    ScriptReport,
    Step,
    StreamReport,
    TokenExpired,
    Unrecognised,
)
from dashboard.vendors.said import Parts, parts

_STEPS = {
    Step.QUEUED: Kind.ITEM_QUEUED,
    Step.STARTED: Kind.ITEM_STARTED,
    Step.FINISHED: Kind.ITEM_FINISHED,
    Step.FAILED: Kind.ITEM_FAILED,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """How a report reached us: `by` is poll, stat, socket or callback; `unique` tells repeats apart where the vendor
    stamps nothing (relay, epoch, socket, frame number; or a callback's own digest)."""

    by: str
    unique: str


def fact_of(job: Job, report: Report, heard: Heard) -> Fact:
    """The fact that `report` claims about `job`."""
    if isinstance(report, ItemReport):
        return _item(job, report, heard)
    if isinstance(report, JobReport):
        refused: Parts = parts(report.error) if report.error else {"code": report.code}
        payload = JobState(says=str(report.says), by=heard.by, coarse=report.coarse, **refused)
        unique = f"{report.at.timestamp():.3f}" if report.stamped else heard.unique
        return job_fact(job, Kind.JOB_STATE, payload, at=report.at, key=f"{report.says}:{unique}")
    if isinstance(report, ScriptReport):
        position = ScriptPosition(no=report.no, title=report.title, offset=report.offset)
        return job_fact(job, Kind.JOB_SCRIPT_POSITION, position, at=report.at, key=f"{report.no}:{heard.unique}")
    if isinstance(report, StreamReport):
        return job_fact(job, Kind.JOB_STREAM, JobStream(link=str(report.link)), at=report.at, key=heard.unique)
    return _other(job, report, heard)


def _item(job: Job, report: ItemReport, heard: Heard) -> Fact:
    payload = Item(trace_id=report.trace_id, by=heard.by, cut=report.was_cut, **parts(report.error))
    # The same step told by socket, callback and listing is one fact.
    return job_fact(job, _STEPS[report.step], payload, at=report.at, key=report.trace_id)


def _other(
    job: Job, report: RemainingReport | TokenExpired | ConflictReport | LinkRefused | Unrecognised, heard: Heard
) -> Fact:
    payload: Payload
    if isinstance(report, RemainingReport):
        kind, payload = Kind.JOB_REMAINING, Remaining(remaining_s=report.remaining_s)
    elif isinstance(report, TokenExpired):
        kind, payload = Kind.JOB_RTC_EXPIRED, Told(**parts(report.error))
    elif isinstance(report, ConflictReport):
        kind, payload = Kind.JOB_CONFLICT, Nothing()
    elif isinstance(report, LinkRefused):
        kind, payload = Kind.JOB_UNRECOGNISED, Raw(raw=f"link refused: {report.error.code}")
    else:
        kind, payload = Kind.JOB_UNRECOGNISED, Raw(raw=redact(report.raw).replace("\x00", "")[:2000])
    return job_fact(job, kind, payload, at=report.at, key=heard.unique)
