"""A rehearsal begins. What the vendor does from then on, the sandbox does by itself."""

from __future__ import annotations

import random
from datetime import timedelta

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib.errors import Conflict, Refusal
from dashboard.rehearsal import arming
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.scenarios import Scenario, fitting
from dashboard.rehearsal.selectors import open_run
from dashboard.rooms.models import Room

#: Between the start and the incident; a surprise keeps people waiting.
LEAD_S = 3.0
SURPRISE_LEAD_S = (8.0, 30.0)


def start_run(*, room: Room, scenario: Scenario | None, user: User, actor: Actor) -> Run:
    """Play `scenario` to `room`; None draws one, and neither it nor its moment is told.

    The sandbox takes all of it first: without the sandbox there is no rehearsal. What lost a race is taken back.
    """
    _refuse_second(room)
    vendor = room.account.vendor
    if scenario is not None and scenario.vendor not in ("", vendor):
        raise Conflict(_("This incident cannot be seen on this room's vendor. Choose a room of the other one."))
    picked = scenario or random.choice(fitting(vendor))  # noqa: S311  no secret: the next incident of an exercise
    lead_s = LEAD_S if scenario else random.uniform(*SURPRISE_LEAD_S)  # noqa: S311
    armed = arming.arm(picked, room, lead_s)
    try:
        return _record(room, picked, armed, is_surprise=scenario is None, user=user, actor=actor)
    except Refusal:
        armed.take_back()
        raise


def _record(
    room: Room,
    scenario: Scenario,
    armed: arming.Armed,
    *,
    is_surprise: bool,
    user: User,
    actor: Actor,
) -> Run:
    with deeds.locked(room.topic) as now:
        _refuse_second(room)
        run = Run.objects.create(
            team_id=room.team_id,
            room=room,
            job=armed.job,
            scenario_slug=scenario.slug,
            is_surprise=is_surprise,
            started_by=user,
            started_at=now,
            incident_at=armed.incident_at,
            over_at=armed.incident_at + timedelta(seconds=scenario.lasts_s),
            fault_ids=armed.fault_ids,
        )
        trail.record(team_id=room.team_id, actor=actor, action="start_rehearsal", target=run, room_id=room.pk)
    return run


def _refuse_second(room: Room) -> None:
    if open_run(room) is not None:
        raise Conflict(_("A rehearsal is under way in %(code)s. End it first.") % {"code": room.code}, field="room")
