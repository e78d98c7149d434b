"""Silence every room of a team at one press."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team, User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.jobs.states import CAN_SPEAK
from dashboard.lib.errors import Refusal
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.quiet import silence
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors import limits


@dataclass(frozen=True, slots=True)
class Silenced:
    """What became of one room when all were silenced: `trouble` says why it was not asked, "" where it was."""

    code: str
    trouble: str = ""


def silence_all(*, team: Team, user: User, actor: Actor, pressed_at: datetime | None = None) -> list[Silenced]:
    """Silence every room of `team` that can be heard, those where somebody speaks first; one never holds up another."""
    jobs = Job.objects.filter(team=team, state__in=CAN_SPEAK).select_related("room", "account")
    speaks = Takeover.objects.filter(job=OuterRef("pk"), state=TakeoverState.PLAYING).exclude(source=Source.SCRIPT)
    in_order = list(jobs.annotate(speaks=Exists(speaks)).order_by("-speaks", "pk"))
    with suppress(OperationalError):  # then it stands in line like the others
        limits.panic_comes({job.account_id for job in in_order})
    told = []
    for job in in_order:
        try:
            silence(job=job, user=user, actor=actor, pressed_at=pressed_at)
        except Refusal as refusal:  # e.g. it went off the air between the list and the press
            told.append(Silenced(job.room.code, str(refusal)))
        except OperationalError:
            told.append(Silenced(job.room.code, _("The database was busy: press Silence in this room again.")))
        else:
            told.append(Silenced(job.room.code))
    codes = [one.code for one in told if not one.trouble]
    trail.record(team_id=team.pk, actor=actor, action="silence_all", target=team, after={"rooms": codes})
    return told
