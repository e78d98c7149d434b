"""Who may speak by microphone: a person takes the floor, asks for it, hands it over, gives it up."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import CONSOLE, Actor
from dashboard.events.kinds import FloorMoved, Kind
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.takeover import floor as floors
from dashboard.takeover import floor_moves as moves
from dashboard.takeover.models import Floor


def cut_by_taking(*, job: Job, user: User, reason: str) -> str:
    """Whom it cuts off, by name, if `user` takes the floor: that takes a reason, and a second press (D2)."""
    floor = Floor.objects.filter(job=job).first()
    if floor is None or not floors.is_held(floor, clock.now()) or (floor.holder_id == user.pk and not floor.talker):
        return ""
    if not reason.strip():
        raise Invalid(_("Say why you take the floor from %(name)s.") % {"name": floor.holder_label}, field="reason")
    return floor.holder_label


def take(*, job: Job, user: User, actor: Actor, reason: str = "") -> Floor:
    """`user` has the floor from now on, also where a colleague had it; then only with a reason."""
    with deeds.locked(job.topic) as now:
        floor = moves.of_speaking(job)
        cuts = cut_by_taking(job=job, user=user, reason=reason)
        if not cuts and floors.is_held(floor, now):
            return floor
        return moves.give(floor, user, actor, now, reason=reason.strip()[:200] if cuts else "")


def ask(*, job: Job, user: User, actor: Actor) -> Floor:
    """The holder sees who would like the floor. Where nobody has it, it is taken."""
    with deeds.locked(job.topic) as now:
        floor = moves.of_speaking(job)
        if not floors.is_held(floor, now):
            return moves.give(floor, user, actor, now)
        if floor.holder_id == user.pk or (floors.is_asked(floor, now) and floor.asked_by_id == user.pk):
            return floor
        if floors.is_asked(floor, now):
            raise Conflict(_("%(name)s has asked for the floor already.") % {"name": floor.asked_label})
        floors.ask(floor, user, now)
        told = FloorMoved(who=str(user), of=floor.holder_label)
        fact = floors.fact(floor, Kind.JOB_FLOOR_ASKED, told, user=user, key=f"{now.timestamp():.3f}")
        deeds.record([fact], actor=actor, action="ask_floor", target=floor)
    return floor


def hand_over(*, job: Job, user: User, actor: Actor) -> Floor:
    """The holder gives the floor to whoever asked for it."""
    with deeds.locked(job.topic) as now:
        floor = moves.of_speaking(job)
        if not floors.is_held(floor, now) or floor.holder_id != user.pk:
            raise Conflict(_("The floor is not yours, so nothing was done."))
        if not floors.is_asked(floor, now) or floor.asked_by is None:
            raise Conflict(_("Nobody asks for the floor any more."))
        return moves.give(floor, floor.asked_by, actor, now, reason="handed_over", by=user)


def release(*, job: Job, user: User, actor: Actor) -> Floor:
    """The holder gives the floor up; what their microphone was saying ends."""
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        floor = floors.of_job(job)
        if not floors.is_held(floor, now):
            return floor
        if floor.holder_id != user.pk:
            raise Conflict(_("%(name)s has the floor, so nothing was done.") % {"name": floor.holder_label})
        moves.free(floor, actor, user=user)
    return floor


def sweep() -> None:
    """Free every floor that nobody renews, and forget questions that nobody answered."""
    for found in list(floors.lapsed(clock.now()).select_related("job__room", "job__account")[:100]):
        with deeds.locked(found.job.topic) as now:
            floor = floors.of_job(found.job)
            if floor.holder_id is not None and not floors.is_held(floor, now):
                moves.free(floor, CONSOLE, user=None, why="lapsed")
            elif floor.asked_by_id is not None and not floors.is_asked(floor, now):
                floors.forget_question(floor)
