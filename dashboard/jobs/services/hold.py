"""An operator silences a job or lets it speak again: what its row says. The sentences are the takeovers' business."""

from __future__ import annotations

from datetime import datetime

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.jobs.models import Job


def hold_job(job: Job, *, holds_script: bool, user: User, actor: Actor, now: datetime) -> None:
    """Silent by intent from now on, the script too where anybody can hold it. The topic is locked by the caller."""
    Job.objects.filter(pk=job.pk).update(silenced_at=now, script_held=holds_script)
    fact = decided(job, Kind.JOB_SILENCED, user=user)
    deeds.record([fact], PROJECTIONS, actor=actor, action="silence", target=job)


def let_go(job: Job, *, user: User, actor: Actor) -> None:
    """The end of a silence. The topic is locked by the caller."""
    Job.objects.filter(pk=job.pk).update(script_held=False, silenced_at=None)
    fact = decided(job, Kind.JOB_RESUMED, user=user)
    deeds.record([fact], PROJECTIONS, actor=actor, action="resume", target=job)
