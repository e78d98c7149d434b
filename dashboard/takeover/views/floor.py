"""The floor of a room: arm with it, take it, ask for it, hand it over, give it up."""

from __future__ import annotations

from django.http import HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, confirm, does, needs
from dashboard.lib.htmx import done
from dashboard.takeover.checks import running_job
from dashboard.takeover.services import arming, floor


@require_POST
@needs(Action.TAKE_FLOOR)
def arm(request: TeamRequest, code: str) -> HttpResponseBase:
    """The ticket for the microphone's socket, for this page alone."""
    job = running_job(request.team, code)
    ticket = arming.arm(job=job, user=request.user, actor=actor_of(request.member))
    return JsonResponse({"ticket": ticket, "path": f"/ws/talk/{job.pk}"})


@require_POST
@needs(Action.TAKE_FLOOR)
@does(Deed.TAKE_FLOOR, Deed.TAKE_FLOOR_FROM)
def take(request: TeamRequest, code: str) -> HttpResponseBase:
    job, reason = running_job(request.team, code), request.POST.get("reason", "")
    if holder := floor.cut_by_taking(job=job, user=request.user, reason=reason):
        why = _("This cuts %(name)s off. Press once more to take the floor.") % {"name": holder}
        confirm(request, Deed.TAKE_FLOOR_FROM, why)
    floor.take(job=job, user=request.user, actor=actor_of(request.member), reason=reason)
    return done(_("You have the floor in %(code)s. Arm the microphone to speak.") % {"code": code})


@require_POST
@needs(Action.TAKE_FLOOR)
def ask(request: TeamRequest, code: str) -> HttpResponseBase:
    asked = floor.ask(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    if asked.holder_id == request.user.pk:
        return done(_("You have the floor in %(code)s. Arm the microphone to speak.") % {"code": code})
    return done(_("Asked %(name)s for the floor.") % {"name": asked.holder_label})


@require_POST
@needs(Action.TAKE_FLOOR)
def hand_over(request: TeamRequest, code: str) -> HttpResponseBase:
    given = floor.hand_over(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    return done(_("%(name)s has the floor now.") % {"name": given.holder_label})


@require_POST
@needs(Action.TAKE_FLOOR)
def release(request: TeamRequest, code: str) -> HttpResponseBase:
    floor.release(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    return done()
