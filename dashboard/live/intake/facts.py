"""Turns what a vendor reports (`port.Report`) into facts about our jobs. Pure, but for the job rows it is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
from dashboard.events.models import Source
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
    Unrecognised,
    VendorError,
)

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


def told(error: VendorError | None) -> dict[str, object]:
    if error is None:
        return {}
    return {"code": error.code, "happened": error.happened, "todo": error.todo}


def told_payload(error: VendorError, *, why: str = "", request_id: str = "") -> Told:
    return Told(code=error.code, happened=error.happened, todo=error.todo, why=why, request_id=request_id)


def fact_of(job: Job, report: Report, heard: Heard) -> Fact:
    """The fact that `report` claims about `job`."""
    if isinstance(report, ItemReport):
        return _item(job, report, heard)
    if isinstance(report, JobReport):
        error = told(report.error)
        payload = JobState(
            says=str(report.says),
            by=heard.by,
            coarse=report.coarse,
            code=str(error.get("code", report.code)),
            happened=report.error.happened if report.error else ("", ""),
            todo=report.error.todo if report.error else ("", ""),
        )
        unique = f"{report.at.timestamp():.3f}" if report.stamped else heard.unique
        return _fact(job, Kind.JOB_STATE, payload, report.at, f"{report.says}:{unique}")
    if isinstance(report, ScriptReport):
        position = ScriptPosition(no=report.no, title=report.title, offset=report.offset)
        return _fact(job, Kind.JOB_SCRIPT_POSITION, position, report.at, f"{report.no}:{heard.unique}")
    if isinstance(report, StreamReport):
        return _fact(job, Kind.JOB_STREAM, JobStream(link=str(report.link)), report.at, heard.unique)
    return _other(job, report, heard)


def _item(job: Job, report: ItemReport, heard: Heard) -> Fact:
    error = report.error
    payload = Item(
        trace_id=report.trace_id,
        by=heard.by,
        code=error.code if error else "",
        happened=error.happened if error else ("", ""),
        todo=error.todo if error else ("", ""),
    )
    # The same step told by socket, callback and listing is one fact.
    return _fact(job, _STEPS[report.step], payload, report.at, report.trace_id)


def _other(job: Job, report: RemainingReport | ConflictReport | LinkRefused | Unrecognised, heard: Heard) -> Fact:
    payload: Payload
    if isinstance(report, RemainingReport):
        kind, payload = Kind.JOB_REMAINING, Remaining(remaining_s=report.remaining_s)
    elif isinstance(report, ConflictReport):
        kind, payload = Kind.JOB_CONFLICT, Nothing()
    elif isinstance(report, LinkRefused):
        kind, payload = Kind.JOB_UNRECOGNISED, Raw(raw=f"link refused: {report.error.code}")
    else:
        kind, payload = Kind.JOB_UNRECOGNISED, Raw(raw=redact(report.raw)[:2000])
    return _fact(job, kind, payload, report.at, heard.unique)


def _fact(job: Job, kind: Kind, payload: Payload, at: datetime, key: str) -> Fact:
    return Fact(
        kind=kind,
        payload=payload,
        source=Source.VENDOR,
        dedupe_key=f"{kind}:{job.pk}:{key}"[:160],
        at=at,
        team_id=job.team_id,
        account_id=job.account_id,
        room_id=job.room_id,
        job_id=job.pk,
    )


def job_fact(job: Job, kind: Kind, payload: Payload, at: datetime, key: str) -> Fact:
    """A fact that the relay itself found out about `job` (an outcome, a link)."""
    return _fact(job, kind, payload, at, key)
