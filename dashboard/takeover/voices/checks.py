"""What is refused before a microphone is armed or opened."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.jobs.states import Link
from dashboard.lib.errors import Conflict
from dashboard.takeover import commands
from dashboard.vendors.abilities import Ability, offer


def check_offered(job: Job) -> None:
    offered = offer(job.account, Ability.MICROPHONE)
    if not offered.is_offered:
        raise Conflict(_("No microphone here: %(reason)s.") % {"reason": offered.reason}, code="ability")


def check_can_be_heard(job: Job) -> None:
    check_offered(job)
    if not job.can_speak:
        raise Conflict(
            _("%(code)s is not on air (%(state)s). Nothing was heard.")
            % {"code": job.room.code, "state": job.get_state_display()},
            code="air",
        )
    if job.link != Link.UP:
        raise Conflict(
            _("The takeover channel to the vendor is %(state)s. Nothing was heard; try again when it is up.")
            % {"state": job.get_link_display()},
            code="link",
        )
    if commands.open_voices(job).filter(claimed_at=None).exists():
        raise Conflict(_("The microphone is being opened already."), code="busy")
