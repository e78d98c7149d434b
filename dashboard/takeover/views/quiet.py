"""Silence a room, and let it speak again."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.lib.htmx import done
from dashboard.takeover.checks import running_job
from dashboard.takeover.services import quiet


@require_POST
@needs(Action.SILENCE)
@does(Deed.SILENCE)
def silence(request: TeamRequest, code: str) -> HttpResponseBase:
    job = quiet.silence(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    if job.script_held:
        return done(_("Asked the vendor for silence in %(code)s.") % {"code": code})
    return done(_("The silent clip cuts in; this vendor's script goes on after it. Stop the job to end the sound."))


@require_POST
@needs(Action.SILENCE)
def resume(request: TeamRequest, code: str) -> HttpResponseBase:
    quiet.resume(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    return done(_("The host may speak again in %(code)s.") % {"code": code})
