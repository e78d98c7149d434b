"""An operator starts a room."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.jobs import commands, launch
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.jobs.models import Job
from dashboard.rooms.models import Room


def start_job(*, room: Room, user: User, actor: Actor, key: str) -> Job:
    """Open a job for `room`. The same key gives the same job, however often it is asked."""
    with deeds.locked(room.topic) as now:
        if existing := launch.asked_before(room, key):
            return existing
        room = Room.objects.select_related("account", "rule_set").get(pk=room.pk)
        launch.check_can_start(room)
        job = launch.new_job(room, user=user, key=key, now=now)
        fact = decided(job, Kind.JOB_REQUESTED, user=user, key=key)
        deeds.record([fact], PROJECTIONS, actor=actor, action="start_job", target=job, on_lists=True)
        commands.create(job)
    return job
