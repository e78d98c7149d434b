"""Somebody notices the incident, and a rehearsal is ended before its time."""

from __future__ import annotations

from django.db import transaction

from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib import clock
from dashboard.rehearsal import arming
from dashboard.rehearsal.models import IS_OPEN, Run
from dashboard.rehearsal.services import course


def notice(*, run: Run, user: User, actor: Actor) -> Run:
    """Somebody says: something is wrong here. The first one counts."""
    with transaction.atomic():
        now = clock.now()
        is_first = Run.objects.filter(IS_OPEN, pk=run.pk, noticed_at=None).update(noticed_at=now, noticed_by=user)
        if is_first:
            trail.record(team_id=run.team_id, actor=actor, action="notice_incident", target=run, room_id=run.room_id)
    run.refresh_from_db()
    return run


def end_run(*, run: Run, actor: Actor) -> Run:
    """End it now: what the sandbox still holds for it is taken back, and the room is as it was."""
    with transaction.atomic():
        is_first = Run.objects.filter(IS_OPEN, pk=run.pk).update(ended_at=clock.now())
        if is_first:
            trail.record(team_id=run.team_id, actor=actor, action="end_rehearsal", target=run, room_id=run.room_id)
    run.refresh_from_db()
    if is_first:
        arming.disarm(run)
        course.keep_what_was_heard(run)
    return run
