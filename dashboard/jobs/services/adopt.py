"""An operator takes over a job that a vendor runs and nobody here started: from now on it is one like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.events.kinds import Kind
from dashboard.events.record import lock_topic
from dashboard.jobs import adoption
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.lib.errors import Conflict
from dashboard.rooms.services.adopted import adopted_room
from dashboard.vendors.models import Decision, UnclaimedSession

if TYPE_CHECKING:
    from dashboard.accounts.models import User
    from dashboard.audit.trail import Actor
    from dashboard.jobs.models import Job
    from dashboard.rooms.models import Room


def adopt_session(*, session: UnclaimedSession, room: Room | None, user: User, actor: Actor) -> Job:
    """Make `session` the running job of `room`, or of a new room where None. Once more it gives the same job.

    Nothing is said by itself in a room of a vendor that plays no script: somebody lets the script begin.
    """
    with transaction.atomic():
        if room is not None:
            lock_topic(room.topic)
        row = _row(session)
        if (ours := adoption.adopted_before(row)) is not None:
            return ours
        adoption.check_is_free(row)
        if room is None:
            room = adopted_room(row, user=user, actor=actor)
        with deeds.locked(room.topic) as now:
            job = adoption.job_of(room, row, user, now)
            UnclaimedSession.objects.filter(pk=row.pk).update(
                decision=Decision.ADOPT, decided_by=user.pk, decided_at=now, job_id=job.pk, error=None
            )
            fact = decided(job, Kind.JOB_ADOPTED, user=user)
            after = {"vendor_ref": row.vendor_ref, "room": room.code}
            deeds.record([fact], PROJECTIONS, actor=actor, action="adopt_job", target=job, after=after, on_lists=True)
            adoption.take_up(job)
    return job


def _row(session: UnclaimedSession) -> UnclaimedSession:
    """As it is now; nobody else decides about it till the end of the transaction."""
    row = UnclaimedSession.objects.select_for_update().select_related("account").filter(pk=session.pk).first()
    if row is None:
        raise Conflict(_("The vendor does not run this job any more, or somebody adopted it. Nothing was done."))
    return row
