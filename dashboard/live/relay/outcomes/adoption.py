"""A session that the vendor runs becomes this job's: from now on the job can be addressed there."""

from __future__ import annotations

from dashboard.events.kinds import Kind, Nothing
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.services.session import bind_session, settle_create
from dashboard.live.intake.accept import accept
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.vendors.models import CommandState
from dashboard.vendors.port import SessionOpened


def adopt(job: Job, opened: SessionOpened, *, by: str) -> None:
    """The vendor runs this job: bind its session, and believe what came with it."""

    def bind() -> None:
        if job.vendor_ref:
            return
        bind_session(job=job, opened=opened)
        settle_create(job, CommandState.ACCEPTED)
        facts = [job_fact(job, Kind.JOB_ACCEPTED, Nothing(), key=by)]
        if opened.report is not None:
            facts.append(fact_of(job, opened.report, Heard("answer", f"answer:{opened.session.vendor_ref}")))
        accept(*facts)

    in_room(job, bind)
