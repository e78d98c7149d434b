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
from dashboard.rehearsal.scenarios import SCENARIOS, Scenario
from dashboard.rehearsal.selectors import open_run
from dashboard.rooms.models import Room

#: Between the start and the incident; a surprise keeps people waiting.
LEAD_S = 3.0
SURPRISE_LEAD_S = (8.0, 30.0)


def start_run(*, room: Room, scenario: Scenario | None, user: User, actor: Actor) -> Run:
    """Play `scenario` to `room`; None draws one, and neither it nor its moment is told."""
    job = arming.job_to_disturb(room)
    picked = scenario or random.choice(SCENARIOS)  # noqa: S311  no secret: the next incident of an exercise
    lead_s = LEAD_S if scenario else random.uniform(*SURPRISE_LEAD_S)  # noqa: S311
    with deeds.locked(room.topic) as now:
        if open_run(room) is not None:
            raise Conflict(_("A rehearsal is under way in %(code)s. End it first.") % {"code": room.code}, field="room")
        incident_at = now + timedelta(seconds=lead_s)
        run = Run.objects.create(
            team_id=room.team_id,
            room=room,
            scenario_slug=picked.slug,
            is_surprise=scenario is None,
            started_by=user,
            started_at=now,
            incident_at=incident_at,
            over_at=incident_at + timedelta(seconds=picked.lasts_s),
        )
        trail.record(team_id=room.team_id, actor=actor, action="start_rehearsal", target=run, room_id=room.pk)
    try:
        run.fault_ids = arming.arm(picked, job, lead_s)
    except Refusal:
        run.delete()
        raise
    run.save(update_fields=["fault_ids"])
    return run
