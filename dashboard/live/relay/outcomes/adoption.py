"""A session that the vendor runs becomes this job's: from now on the job can be addressed there."""

from __future__ import annotations

from dashboard.events.kinds import Kind, Nothing
from dashboard.events.models import Event
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.services import bind_session, settle_create, waiting_facts
from dashboard.live.intake.accept import PROJECTIONS, accept
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.vendors.models import CommandState
from dashboard.vendors.port import SessionOpened


def adopt(job: Job, opened: SessionOpened, *, by: str) -> None:
    """The vendor runs this job: bind its session, then let everything that waited for the reference apply."""

    def bind() -> None:
        if job.vendor_ref:
            return
        bind_session(job=job, opened=opened)
        settle_create(job, CommandState.ACCEPTED)
        facts = [job_fact(job, Kind.JOB_ACCEPTED, Nothing(), key=by)]
        if opened.report is not None:
            facts.append(fact_of(job, opened.report, Heard("answer", f"answer:{opened.session.vendor_ref}")))
        accept(*facts)
        for event in waiting_facts(job.account_id, job.vendor_ref):
            apply_waiting(event, job)

    in_room(job, bind)


def apply_waiting(event: Event, job: Job) -> None:
    """A fact that came before its job was known: it is the job's from now on."""
    event.job_id, event.room_id = job.pk, job.room_id
    outcome = "applied"
    for projection in PROJECTIONS.one.get(Kind(event.kind), ()):
        outcome = projection(event)
    event.outcome = outcome
    event.save(update_fields=["job_id", "outcome"])
