"""An operator silences a room, and lets it speak again."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.jobs.services.hold import hold_job, let_go
from dashboard.takeover import checks, commands, release
from dashboard.takeover.script import play_next, plays_for
from dashboard.takeover.taking_back import take_back_all, wish_all_cancelled


def silence(*, job: Job, user: User, actor: Actor) -> Job:
    """Nobody speaks in this room from now on: hold the script, then cancel what plays and waits.

    SoftSugar: cancel `-1`, our player sends no further paragraph. MetaStudio: pause over the command channel, else the
    account's silent clip cuts in and the rest of the script follows it; the screen says so.
    """
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        checks.check_can_speak(job)
        holds_script = plays_for(job) or release.has_channel(job)
        hold_job(job, holds_script=holds_script, user=user, actor=actor, now=now)
        take_back_all(job, user)
        if plays_for(job):
            wish_all_cancelled(job, user)
            commands.cancel_all(job)
        elif release.has_channel(job):
            commands.pause(job)
        else:
            commands.play_silence(job)
        job.refresh_from_db()
    return job


def resume(*, job: Job, user: User, actor: Actor) -> Job:
    """Let the script go on after a silence."""
    with deeds.locked(job.topic):
        job.refresh_from_db()
        if not job.script_held:
            return job
        commands.clear_silences(job)
        let_go(job, user=user, actor=actor)
        if not plays_for(job) and release.has_channel(job):
            commands.resume(job)
        job.refresh_from_db()
        play_next(job)
        release.release(job)
    return job
