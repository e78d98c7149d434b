"""An operator ends a job here that its vendor does not know any more. Nothing is asked of the vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.events.kinds import JobState as Said
from dashboard.events.kinds import Kind
from dashboard.events.record import Projections
from dashboard.jobs import projection
from dashboard.jobs.decisions import decided
from dashboard.lib.errors import Conflict
from dashboard.takeover import job_moves
from dashboard.vendors.port import JobSays

if TYPE_CHECKING:
    from dashboard.accounts.models import User
    from dashboard.audit.trail import Actor
    from dashboard.jobs.models import Job

_PROJECTIONS = Projections(one={Kind.JOB_STATE: (projection.apply, job_moves.job_moved)})


def close_missing_job(*, job: Job, user: User, actor: Actor) -> Job:
    """Over by a person's word, with all that follows from an end. A job that is over already stays as it is."""
    with deeds.locked(job.topic):
        job.refresh_from_db()
        if not job.is_open:
            return job
        if job.missing_since is None:
            raise Conflict(_("The vendor runs %(job)s. Stop it instead; nothing was closed.") % {"job": str(job)})
        said = Said(says=str(JobSays.LOST), by="person")
        fact = decided(job, Kind.JOB_STATE, said, user=user)
        before = {"state": job.state, "missing_since": job.missing_since.isoformat()}
        deeds.record([fact], _PROJECTIONS, actor=actor, action="close_job", target=job, before=before, on_lists=True)
        job.refresh_from_db()
    return job
