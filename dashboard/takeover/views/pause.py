"""Pause the script alone, and let it go on."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.accounts.danger import Deed, does
from dashboard.lib.htmx import done
from dashboard.takeover.checks import running_job
from dashboard.takeover.services.pause import pause_script, resume_script
from dashboard.vendors.port_live import Timing


@require_POST
@needs(Action.STEER)
@does(Deed.PAUSE_SCRIPT)
def pause(request: TeamRequest, code: str) -> HttpResponseBase:
    timing = Timing.NOW if request.POST.get("timing") == Timing.NOW else Timing.SENTENCE_END
    pause_script(job=running_job(request.team, code), timing=timing, user=request.user, actor=actor_of(request.member))
    return done(_("Asked to pause the script of %(code)s. What people say is still heard.") % {"code": code})


@require_POST
@needs(Action.STEER)
def resume(request: TeamRequest, code: str) -> HttpResponseBase:
    resume_script(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    return done(_("The script of %(code)s may go on.") % {"code": code})
