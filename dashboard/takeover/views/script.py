"""The script of a running job: what a rewrite would change, and the rewrite itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.accounts.danger import Deed, does
from dashboard.jobs.models import Job
from dashboard.jobs.rewriting import Line, Locked, Proposal
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import go_to
from dashboard.takeover.checks import running_job
from dashboard.takeover.forms import EditedLines
from dashboard.takeover.rewriting import Edit, MovedOn, proposal_of
from dashboard.takeover.services.rewrite import rewrite_script


@require_POST
@needs(Action.REWRITE)
def difference(request: TeamRequest, code: str) -> HttpResponseBase:
    """What viewers would hear instead. Nothing is changed by it."""
    job = running_job(request.team, code)
    proposal, locked = proposal_of(job, _edit(request))
    return _difference(request, job, proposal, locked)


@require_POST
@needs(Action.REWRITE)
@does(Deed.REWRITE_LIVE)
def rewrite(request: TeamRequest, code: str) -> HttpResponseBase:
    job = running_job(request.team, code)
    try:
        rewrite_script(
            job=job,
            edit=_edit(request),
            seen=request.POST.get("seen", "")[:64],
            user=request.user,
            actor=actor_of(request.member),
        )
    except MovedOn as moved:
        return _difference(request, job, moved.proposal, moved.locked, moved=moved.message, status=moved.status)
    return go_to(reverse("console:desk", args=[request.team.slug, code]))


def _edit(request: HttpRequest) -> Edit:
    form = EditedLines(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page sent a script that can't be read. Load it anew; nothing was changed."))
    lines = tuple(Line(*one) for one in form.lines())
    return Edit(lines, form.cleaned_data["version"], saves_room=form.cleaned_data["saves_room"])


def _difference(
    request: HttpRequest, job: Job, proposal: Proposal, locked: Locked, *, moved: str = "", status: int = 200
) -> HttpResponse:
    context = {"job": job, "proposal": proposal, "locked": locked, "moved": moved, "lang": job.room.language}
    return render(request, "takeover/_difference.html", context, status=status)
