"""A person decides about a difference between what we know of a running job and what its vendor runs."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs import commands, may_steer, steering
from dashboard.jobs.drifted import Drifted, wanted_to_adopt, wanted_to_push
from dashboard.jobs.models import Job
from dashboard.jobs.states import ChangeKind
from dashboard.lib.errors import Conflict


def push_field(*, job: Job, name: str, user: User, actor: Actor) -> None:
    """Let the vendor have what we think it runs."""
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        drifted = _drifted(job, name)
        if drifted.kind is None:
            raise Conflict(_("No command changes this on air. Take it as it is, or start a new job."))
        may_steer.check(job, drifted.kind)
        wanted = wanted_to_push(job, drifted.kind)
        steering.ask(job, wanted, user=user, actor=actor, now=now, by_vendor=True)


def adopt_field(*, job: Job, name: str, user: User, actor: Actor) -> None:
    """Take what the vendor runs as what is meant; nothing changes on air."""
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        drifted = _drifted(job, name)
        if drifted.kind is not None:
            _adopt_change(job, drifted, user, actor, now)
        else:
            config = {**(job.config or job.room.config), name: drifted.whole}
            Job.objects.filter(pk=job.pk).update(config=config)
            steering.tell_adopted(job, drifted.name, drifted.ours, drifted.theirs, user=user, actor=actor)
        rest = [field for field in job.drift if field["name"] != name]
        Job.objects.filter(pk=job.pk).update(drift=rest)
        commands.compare(job)


def _adopt_change(job: Job, drifted: Drifted, user: User, actor: Actor, now: datetime) -> None:
    if drifted.kind == ChangeKind.OUTPUT:
        Job.objects.filter(pk=job.pk).update(output_url=str(drifted.whole))
        steering.tell_adopted(job, drifted.name, drifted.ours, drifted.theirs, user=user, actor=actor)
        return
    wanted = wanted_to_adopt(job, drifted)
    steering.ask(job, wanted, user=user, actor=actor, now=now, by_vendor=False)


def _drifted(job: Job, name: str) -> Drifted:
    for field in job.drift:
        if field["name"] == name:
            return Drifted.of(field)
    raise Conflict(_("This does not differ any more. Nothing was done."))


def ask_record(*, job: Job, user: User, actor: Actor) -> None:
    """Ask now what the vendor has of the job."""
    with deeds.locked(job.topic):
        commands.compare(job)
        steering.note_asked(job, actor)
