"""An operator silences a room, and lets it speak again."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.jobs.services.hold import hold_job
from dashboard.takeover import checks, commands, restoring, silences
from dashboard.takeover.silences import Way
from dashboard.takeover.taking_back import take_back_all, wish_all_cancelled

#: A press older than this is not believed: the browser's clock was wrong, or the request lay somewhere.
LATEST_PRESS = timedelta(seconds=5)


def silence(*, job: Job, user: User, actor: Actor, pressed_at: datetime | None = None) -> int | None:
    """Nobody speaks in this room from now on: hold the script, then cancel what plays and waits.

    SoftSugar: cancel `-1`, our player sends no further paragraph. MetaStudio: pause over the command channel, else the
    account's silent clip cuts in and the rest of the script follows it; the screen says so. `pressed_at` is when the
    key went down by the server's clock, where the browser told; time to silence counts from there.

    Returns how many sentences it cancels; None where an earlier press has silenced the room, or is about to.
    """
    with deeds.locked(job.topic, goes_first=True) as now:
        job.refresh_from_db()
        checks.check_can_speak(job)
        if silences.is_complete(job) or silences.is_under_way(job, now):  # pressed once more
            return None
        at = max(now - LATEST_PRESS, min(now, pressed_at or now))
        way = silences.way_of(job)
        gaps, cancelled = silences.gaps_of(job), silences.mark_cancelled(job)
        hold_job(job, holds_script=way != Way.CLIP, gaps=gaps, cancelled=cancelled, user=user, actor=actor, at=at)
        take_back_all(job, user)
        if way != Way.PLAYER and commands.can_drop(job):
            commands.drop_inserted(job)
        if way == Way.PLAYER:
            wish_all_cancelled(job, user)
            commands.cancel_all(job)
        elif way == Way.CHANNEL:
            commands.pause(job)
        else:
            commands.play_silence(job)
        job.refresh_from_db()
        silences.note(job)
    return cancelled


def resume(*, job: Job, user: User, actor: Actor) -> Job:
    """Let the script go on after a silence."""
    with deeds.locked(job.topic):
        job.refresh_from_db()
        if job.script_held or job.silenced_at is not None:
            restoring.speak_again(job, user=user, actor=actor)
    return job
