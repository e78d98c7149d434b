"""Start and stop. What follows reaches the page by its socket."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.jobs.forms import StartForm, StopForm
from dashboard.jobs.selectors import open_job
from dashboard.jobs.services.start import start_job
from dashboard.jobs.services.stop import stop_job
from dashboard.lib.errors import Conflict, Invalid
from dashboard.lib.htmx import done
from dashboard.lib.valid import valid
from dashboard.rooms.models import Room


@require_POST
@needs(Action.START_JOB)
@does(Deed.START_JOB)
def start(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room.objects.select_related("account"), team=request.team, code=code, archived_at=None)
    form = StartForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page sent no key for this start. Reload it and press once more."), field="key")
    key = form.cleaned_data["key"]
    job = start_job(room=room, user=request.user, actor=actor_of(request.member), key=key)
    return done(_("Asked to start %(code)s. Viewers see it when the vendor says ON AIR.") % {"code": job.room.code})


@require_POST
@needs(Action.STOP_JOB)
@does(Deed.STOP_JOB)
def stop(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room, team=request.team, code=code)
    form = valid(StopForm(request.POST, code=room.code))
    job = open_job(room)
    if job is None:
        raise Conflict(_("%(code)s has no running job. Nothing was stopped.") % {"code": room.code})
    stop_job(job=job, user=request.user, actor=actor_of(request.member), reason=form.cleaned_data["reason"])
    return done(_("Asked to stop %(code)s. It is over when the vendor says ENDED.") % {"code": room.code})
