"""Silence every room of a team at one press, and let all of them speak again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team, User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.states import CAN_SPEAK
from dashboard.lib.errors import Refusal
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.quiet import resume, silence
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors import limits


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one room when all were asked: `trouble` says why it was not, "" where it was."""

    code: str
    trouble: str = ""


def silence_all(*, team: Team, user: User, actor: Actor, pressed_at: datetime | None = None) -> list[Told]:
    """Silence every room of `team` that can be heard, those where somebody speaks first; one never holds up another."""
    jobs = Job.objects.filter(team=team, state__in=CAN_SPEAK).select_related("room", "account")
    speaks = Takeover.objects.filter(job=OuterRef("pk"), state=TakeoverState.PLAYING).exclude(source=Source.SCRIPT)
    in_order = list(jobs.annotate(speaks=Exists(speaks)).order_by("-speaks", "pk"))
    with suppress(OperationalError):  # then it stands in line like the others
        limits.panic_comes({job.account_id for job in in_order})
    busy = _("The database was busy: press Silence in this room again.")
    told = _each(in_order, lambda job: silence(job=job, user=user, actor=actor, pressed_at=pressed_at), busy)
    codes = [one.code for one in told if not one.trouble]
    trail.record(team_id=team.pk, actor=actor, action="silence_all", target=team, after={"rooms": codes})
    return told


def resume_all(*, team: Team, codes: Sequence[str], user: User, actor: Actor) -> list[Told]:
    """Let the host speak again in those rooms of `team` that somebody silenced: `codes`, as whoever asks saw them.

    A room that a colleague silences meanwhile stays silent.
    """
    silenced = Job.objects.filter(IS_OPEN, team=team, room__code__in=codes, silenced_at__isnull=False)
    silenced = silenced.select_related("room", "account")
    busy = _("The database was busy: let this room speak again once more.")
    told = _each(silenced.order_by("room__code"), lambda job: resume(job=job, user=user, actor=actor), busy)
    if spoken := [one.code for one in told if not one.trouble]:
        trail.record(team_id=team.pk, actor=actor, action="resume_all", target=team, after={"rooms": spoken})
    return told


def _each(jobs: Iterable[Job], ask: Callable[[Job], object], busy: str) -> list[Told]:
    """One room never holds up another."""
    told = []
    for job in jobs:
        try:
            ask(job)
        except Refusal as refusal:  # e.g. it went off the air between the list and the press
            told.append(Told(job.room.code, str(refusal)))
        except OperationalError:
            told.append(Told(job.room.code, busy))
        else:
            told.append(Told(job.room.code))
    return told
