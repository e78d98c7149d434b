"""The floor moves, and what it takes along: who spoke is let go, the log and the trail are told."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import FloorMoved, Kind
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.errors import Conflict
from dashboard.takeover import floor as floors
from dashboard.takeover.models import Floor
from dashboard.takeover.voices.ends import end_all


def of_speaking(job: Job) -> Floor:
    job.refresh_from_db()
    if not job.can_speak:
        raise Conflict(
            _("%(code)s is not on air (%(state)s), so nobody needs the floor.")
            % {"code": job.room.code, "state": job.get_state_display()}
        )
    return floors.of_job(job)


def give(floor: Floor, user: User, actor: Actor, now: datetime, *, reason: str = "", by: User | None = None) -> Floor:
    """`by` is who decided, where it is not `user`."""
    before = floor.holder_label if floors.is_held(floor, now) else ""
    end_all(floor.job, now)
    floors.give(floor, user, now)
    fact = floors.fact(floor, Kind.JOB_FLOOR_TAKEN, FloorMoved(who=str(user), of=before, why=reason), user=by or user)
    deeds.record(
        [fact],
        actor=actor,
        action="take_floor",
        target=floor,
        reason=reason,
        before={"holder": before},
        after={"holder": str(user)},
    )
    return floor


def free(floor: Floor, actor: Actor, *, user: User | None, why: str = "") -> None:
    before = floor.holder_label
    end_all(floor.job, clock.now())
    floors.free(floor)
    fact = floors.fact(floor, Kind.JOB_FLOOR_RELEASED, FloorMoved(who=before, why=why), user=user)
    deeds.record([fact], actor=actor, action="release_floor", target=floor, reason=why, before={"holder": before})
