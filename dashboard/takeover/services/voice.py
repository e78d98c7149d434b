"""The holder of the floor opens the microphone: a takeover of its own, before any sound leaves."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict
from dashboard.takeover import floor as floors
from dashboard.takeover.models import Takeover
from dashboard.takeover.voices import rows, way
from dashboard.takeover.voices.checks import check_can_be_heard


def open_voice(
    *, job: Job, user: User, actor: Actor, epoch: int, talker: str, key: str, confirmed: bool = False
) -> Takeover:
    """The row of what `user` is about to say; the relay sends it. `epoch` and `talker` say which floor they believe in.

    Where the vendor needs an empty queue, people's sentences are cancelled for it, only with `confirmed` (D2).
    """
    with deeds.locked(job.topic) as now:
        if existing := rows.sent_before(job, key, epoch):
            return existing
        job.refresh_from_db()
        floor = floors.of_job(job)
        if not floors.is_held(floor, now) or (floor.epoch, floor.talker) != (epoch, talker):
            raise Conflict(_("The floor is no longer yours. Nothing was heard."), code="floor")
        check_can_be_heard(job)
        if (lost := way.lost_by_opening(job)) and not confirmed:
            raise Conflict(
                _("Sentences that are cancelled first: %(count)d. Press once more to speak.") % {"count": lost},
                code="confirm",
            )
        if job.silenced_at is not None and not confirmed:
            raise Conflict(
                _("%(code)s is silent. Press once more to end the silence and speak; the script goes on after you.")
                % {"code": job.room.code},
                code="confirm",
            )
        item, fact = rows.new_voice(job, epoch, key=key, user=user, now=now)
        deeds.record([fact], actor=actor, action="speak", target=item, after={"cancelled": lost})
        way.make_way(job, item, user)
    return item
