"""An operator stops a job."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind, Told
from dashboard.jobs import commands
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.jobs.models import Job
from dashboard.jobs.services.session import end_unstarted
from dashboard.jobs.states import JobState


def stop_job(*, job: Job, user: User | None, actor: Actor, reason: str = "") -> Job:
    """Ask the vendor to end the job. A start that has not left yet is simply taken back."""
    with deeds.locked(job.topic):
        job.refresh_from_db()
        if not job.is_open or (job.state == JobState.STOPPING and job.error is None):
            return job
        fact = decided(job, Kind.JOB_STOP_REQUESTED, Told(why=reason[:200]), user=user)
        deeds.record([fact], PROJECTIONS, actor=actor, action="stop_job", target=job, reason=reason)
        if commands.take_back_create(job):
            end_unstarted(job)
        elif job.vendor_ref:
            commands.clear_speak_lane(job)
            commands.stop(job)
        job.refresh_from_db()
    return job
