"""The knobs of the sandbox: faults, the speed of its world, audiences."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.htmx import done
from dashboard.lib.valid import valid
from dashboard.rehearsal import selectors
from dashboard.rehearsal.forms import AudienceForm, FaultForm, SpeedForm, TakeBackForm
from dashboard.rehearsal.services import inject


@require_POST
@needs(Action.REHEARSE)
def add_fault(request: TeamRequest) -> HttpResponse:
    form = FaultForm(request.POST, team=request.team)
    valid(form)
    inject.add_fault(account=form.account(), draft=form.draft(), actor=actor_of(request.member))
    return done(_("The sandbox does it from now on."))


@require_POST
@needs(Action.REHEARSE)
def take_back(request: TeamRequest) -> HttpResponse:
    form = TakeBackForm(request.POST, team=request.team)
    valid(form)
    data = form.cleaned_data
    inject.take_back(account=data["account"], fault_id=data["fault"], actor=actor_of(request.member))
    return done(_("Taken back."))


@require_POST
@needs(Action.REHEARSE)
def speed(request: TeamRequest) -> HttpResponse:
    form = SpeedForm(request.POST, team=request.team)
    valid(form)
    data = form.cleaned_data
    inject.set_speed(account=data["account"], speed=data["speed"], actor=actor_of(request.member))
    return done(_("The sandbox's world runs at %(speed)g× now.") % {"speed": data["speed"]})


@require_POST
@needs(Action.REHEARSE)
def audience(request: TeamRequest, code: str) -> HttpResponse:
    room = get_object_or_404(selectors.sandbox_rooms(request.team), code=code)
    form = AudienceForm(request.POST)
    valid(form)
    inject.set_audience(room=room, rate_per_s=form.cleaned_data["rate"], actor=actor_of(request.member))
    return done(_("The audience of %(code)s follows.") % {"code": code})
