"""An operator pauses the script alone, and lets it go on. What people and rules say is still heard."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.jobs.models import Job
from dashboard.takeover import commands, follow_up, pausing
from dashboard.vendors.port_live import Timing


def pause_script(*, job: Job, timing: Timing, user: User, actor: Actor) -> Job:
    """No further paragraph from now on. SoftSugar: what of the script waits at the vendor is taken back, with NOW what
    plays of it too. MetaStudio: the vendor pauses, over the command channel."""
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        if job.script_paused_at is not None:  # the same press once more
            return job
        pausing.check_can_pause(job)
        Job.objects.filter(pk=job.pk).update(script_held=True, script_paused_at=now)
        fact, after = decided(job, Kind.JOB_SCRIPT_PAUSED, user=user), {"timing": str(timing), "at": job.script_no}
        deeds.record([fact], PROJECTIONS, actor=actor, action="pause_script", target=job, after=after)
        job.refresh_from_db()
        pausing.hold(job, timing, user)
    return job


def resume_script(*, job: Job, user: User, actor: Actor) -> Job:
    """The script goes on where it was."""
    with deeds.locked(job.topic):
        job.refresh_from_db()
        if job.script_paused_at is None:
            return job
        pausing.check_can_resume(job)
        Job.objects.filter(pk=job.pk).update(script_held=False, script_paused_at=None)
        fact = decided(job, Kind.JOB_SCRIPT_RESUMED, user=user)
        deeds.record([fact], PROJECTIONS, actor=actor, action="resume_script", target=job)
        job.refresh_from_db()
        commands.let_script_go(job)
        follow_up.on_air(job)
    return job
