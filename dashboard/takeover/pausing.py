"""Holding the script of a running job, at either vendor."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict
from dashboard.takeover import checks, commands
from dashboard.takeover.script import plays_for
from dashboard.takeover.taking_back import take_back_script
from dashboard.vendors.abilities import Ability, offer
from dashboard.vendors.port_live import Timing


def check_can_pause(job: Job) -> None:
    checks.check_can_speak(job)
    offered = offer(job.account, Ability.PAUSE_SCRIPT)
    if not offered.is_offered:
        raise Conflict(_("The script can't be paused here: %(reason)s.") % {"reason": offered.reason})
    if job.script_held:
        raise Conflict(_("The room is silenced already, its script too."))


def check_can_resume(job: Job) -> None:
    if job.silenced_at is not None:
        raise Conflict(_("The room is silenced. Let the host speak again, then the script goes on, too."))


def hold(job: Job, timing: Timing, user: User) -> None:
    if plays_for(job):
        take_back_script(job, user, playing_too=timing == Timing.NOW)
    else:
        commands.pause_script(job, timing)
