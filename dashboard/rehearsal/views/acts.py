"""Start, notice and end a rehearsal."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.htmx import done, go_to
from dashboard.rehearsal.forms import StartForm
from dashboard.rehearsal.services import finish
from dashboard.rehearsal.services.start import start_run
from dashboard.rehearsal.views.shared import checked, find_run


@require_POST
@needs(Action.REHEARSE)
def start(request: TeamRequest) -> HttpResponseBase:
    form = StartForm(request.POST, team=request.team)
    checked(form)
    room = form.cleaned_data["room"]
    start_run(room=room, scenario=form.chosen(), user=request.user, actor=actor_of(request.member))
    return go_to(reverse("console:desk", args=[request.team.slug, room.code]))


@require_POST
@needs(Action.REHEARSE)
def notice(request: TeamRequest, pk: int) -> HttpResponseBase:
    finish.notice(run=find_run(request, pk), user=request.user, actor=actor_of(request.member))
    return done(_("Noted. Now do what is right for the air."))


@require_POST
@needs(Action.REHEARSE)
def end(request: TeamRequest, pk: int) -> HttpResponseBase:
    run = finish.end_run(run=find_run(request, pk), actor=actor_of(request.member))
    return go_to(reverse("rehearsal:debrief", args=[request.team.slug, run.pk]))
