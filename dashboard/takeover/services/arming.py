"""A page arms its microphone with the floor of its person: one page at a time, by a ticket that is good once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Forbidden
from dashboard.takeover import floor as floors
from dashboard.takeover import floor_moves as moves
from dashboard.takeover.models import Floor, TalkTicket
from dashboard.takeover.voices.checks import check_offered

#: From the POST that arms to the socket that uses its ticket.
TICKET_S = 30.0


def arm(*, job: Job, user: User, actor: Actor) -> str:
    """A ticket for the microphone's socket, good once and for 30 s. A free floor is taken with it.

    Raises Conflict naming who has the floor, be it the same person on another page.
    """
    with deeds.locked(job.topic) as now:
        floor = moves.of_speaking(job)
        check_offered(job)
        if not floors.is_held(floor, now):
            moves.give(floor, user, actor, now)
        elif floor.holder_id != user.pk:
            raise Conflict(
                _("%(name)s has the floor in %(code)s. Ask for it, or take it with a reason.")
                % {"name": floor.holder_label, "code": job.room.code},
                code="floor",
            )
        elif floor.talker:
            raise Conflict(
                _("%(name)s has a microphone armed for %(code)s on another page. Disarm it there first.")
                % {"name": floor.holder_label, "code": job.room.code},
                code="floor",
            )
        token = secrets.token_urlsafe(24)
        TalkTicket.objects.filter(expires_at__lt=now - timedelta(hours=1)).delete()
        TalkTicket.objects.create(
            team_id=job.team_id,
            job=job,
            user=user,
            floor_epoch=floor.epoch,
            digest=_digest(token),
            expires_at=now + timedelta(seconds=TICKET_S),
        )
    return token


def redeem(*, token: str, job_id: int, user_id: int) -> Floor:
    """Use a ticket: this page's microphone is armed from now on. Raises Forbidden for a ticket that is no good."""
    digest, now = _digest(token), clock.now()
    tickets = TalkTicket.objects.filter(digest=digest, job_id=job_id, user_id=user_id, expires_at__gt=now)
    ticket = tickets.select_related("job__room", "job__account").first()
    if ticket is None or not tickets.filter(used_at=None).update(used_at=now):
        raise Forbidden(_("This page's ticket for the microphone is over. Arm it again."), code="ticket")
    with deeds.locked(ticket.job.topic) as now:
        floor = floors.of_job(ticket.job)
        if not floors.is_held(floor, now) or floor.epoch != ticket.floor_epoch or floor.talker:
            raise Conflict(_("The floor went to somebody else meanwhile."), code="floor")
        floor.talker = digest[:16]
        floor.expires_at = now + timedelta(seconds=floors.RENEWED_S)
        floor.save(update_fields=["talker", "expires_at"])
        floors.show(floor)
    return floor


def leave(*, job: Job, epoch: int, talker: str, actor: Actor, user: User | None, why: str) -> bool:
    """The page with the armed microphone disarmed it, or is gone. False where the floor was no longer its own."""
    with deeds.locked(job.topic):
        floor = floors.of_job(job)
        if floor.holder_id is None or floor.epoch != epoch or floor.talker != talker:
            return False
        moves.free(floor, actor, user=user if not why else None, why=why)
    return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
