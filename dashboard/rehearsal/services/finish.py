"""Somebody notices the incident, and a rehearsal is ended before its time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib import clock
from dashboard.lib.errors import Refusal
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.models import IS_OPEN, Run


def notice(*, run: Run, user: User, actor: Actor) -> bool:
    """Somebody says: something is wrong here. The first one counts; True for that one.

    Before the incident it is a false alarm, which is counted and leaves the press open.
    """
    with transaction.atomic():
        now = clock.now()
        open_one = Run.objects.filter(IS_OPEN, pk=run.pk, noticed_at=None)
        if now < run.incident_at:
            open_one.update(false_alarms=F("false_alarms") + 1)
            return False
        is_first = bool(open_one.update(noticed_at=now, noticed_by=user))
        if is_first:
            trail.record(team_id=run.team_id, actor=actor, action="notice_incident", target=run, room_id=run.room_id)
    return is_first


def end_run(*, run: Run, actor: Actor) -> bool:
    """End it now. False where the sandbox did not answer: what it holds of the incident then runs out by itself."""
    with transaction.atomic():
        if Run.objects.filter(IS_OPEN, pk=run.pk).update(ended_at=clock.now()):
            trail.record(team_id=run.team_id, actor=actor, action="end_rehearsal", target=run, room_id=run.room_id)
    try:
        Sandbox(run.room.account).take_back(run.fault_ids)
    except Refusal:
        return False
    return True
