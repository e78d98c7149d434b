"""An operator silences a job or lets it speak again: what its row says. The sentences are the takeovers' business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind, Silenced
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.jobs.models import Job


def hold_job(
    job: Job, *, holds_script: bool, gaps: Sequence[str], cancelled: int, user: User, actor: Actor, at: datetime
) -> None:
    """Silent by intent since `at`, the script too where anybody can hold it. The topic is locked by the caller.

    `cancelled`: how many sentences are cancelled with it.
    """
    Job.objects.filter(pk=job.pk).update(
        silenced_at=at,
        silenced_by=user,
        silent_at=None,
        silence_gaps=list(gaps),
        silence_error=None,
        script_held=holds_script,
    )
    fact = decided(job, Kind.JOB_SILENCED, Silenced(items=cancelled), user=user)
    deeds.record([fact], PROJECTIONS, actor=actor, action="silence", target=job)


def let_go(job: Job, *, user: User, actor: Actor) -> None:
    """The end of a silence. The topic is locked by the caller."""
    Job.objects.filter(pk=job.pk).update(
        script_held=False,
        script_paused_at=None,
        silenced_at=None,
        silenced_by=None,
        silent_at=None,
        silence_gaps=[],
        silence_error=None,
    )
    fact = decided(job, Kind.JOB_RESUMED, user=user)
    deeds.record([fact], PROJECTIONS, actor=actor, action="resume", target=job)
