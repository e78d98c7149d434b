"""Start, notice and end a rehearsal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.htmx import done, go_to
from dashboard.lib.valid import valid
from dashboard.rehearsal.forms import StartForm
from dashboard.rehearsal.services import finish
from dashboard.rehearsal.services.start import start_run
from dashboard.rehearsal.views.shared import find_run


@require_POST
@needs(Action.REHEARSE)
def start(request: TeamRequest) -> HttpResponseBase:
    form = StartForm(request.POST, team=request.team)
    valid(form)
    room = form.cleaned_data["room"]
    start_run(room=room, scenario=form.chosen(), user=request.user, actor=actor_of(request.member))
    return go_to(reverse("console:desk", args=[request.team.slug, room.code]))


@require_POST
@needs(Action.REHEARSE)
def notice(request: TeamRequest, pk: int) -> HttpResponseBase:
    run = find_run(request, pk)
    if finish.notice(run=run, user=request.user, actor=actor_of(request.member)):
        return done(_("Noted. Now do what is right for the air."))
    run.refresh_from_db()
    if run.ended_at is not None:
        return done(_("This rehearsal is over."))
    if run.noticed_by is not None:
        return done(_("%(name)s saw it first.") % {"name": run.noticed_by})
    return done(_("Nothing is wrong yet. Watch on."))


@require_POST
@needs(Action.REHEARSE)
def end(request: TeamRequest, pk: int) -> HttpResponseBase:
    run = find_run(request, pk)
    if not finish.end_run(run=run, actor=actor_of(request.member)):
        messages.warning(request, _("Ended. The sandbox did not answer, so its faults run out by themselves."))
    return go_to(reverse("rehearsal:debrief", args=[request.team.slug, run.pk]))
