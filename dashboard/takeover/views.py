"""Say, cancel, settle, silence. Each view asks the policy, calls one service, and answers without a vendor's answer."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import done
from dashboard.takeover.checks import running_job
from dashboard.takeover.forms import AgainForm, SayForm, VersionForm
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask, quiet, settle
from dashboard.takeover.states import Mode


def _item(request: TeamRequest, pk: int) -> Takeover:
    rows = Takeover.objects.select_related("room", "job__account", "job__room")
    return get_object_or_404(rows, team=request.team, pk=pk)


def _version(request: TeamRequest) -> int | None:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


@require_POST
@needs(Action.TAKE_OVER)
def create(request: TeamRequest, code: str) -> HttpResponseBase:
    form = SayForm(request.POST)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise Invalid(" ".join(str(error) for error in errors), field=field)
    data = form.cleaned_data
    item = ask.request_takeover(
        job=running_job(request.team, code),
        user=request.user,
        actor=actor_of(request.member),
        text=data["text"],
        mode=Mode(data["mode"]),
        key=data["key"],
        cause_event_id=data["answers"],
    )
    response = done()
    response["X-Draft-Done"] = item.key
    return response


@require_POST
@needs(Action.CANCEL_TAKEOVER)
def cancel(request: TeamRequest, pk: int) -> HttpResponseBase:
    version = _version(request)
    item = _item(request, pk)
    settle.cancel_takeover(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done()


@require_POST
@needs(Action.SETTLE_TAKEOVER)
def mark_spoken(request: TeamRequest, pk: int) -> HttpResponseBase:
    version = _version(request)
    item = _item(request, pk)
    settle.mark_spoken(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done()


@require_POST
@needs(Action.SETTLE_TAKEOVER)
def check(request: TeamRequest, pk: int) -> HttpResponseBase:
    version = _version(request)
    item = _item(request, pk)
    settle.check_again(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done(_("Asked the vendor once more. Where it can't tell, the item stays unknown."))


@require_POST
@needs(Action.TAKE_OVER)
def again(request: TeamRequest, pk: int) -> HttpResponseBase:
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page sent no key. Reload it and press once more."), field="key")
    item, data = _item(request, pk), form.cleaned_data
    ask.send_again(
        item=item, user=request.user, actor=actor_of(request.member), key=data["key"], version=data["version"]
    )
    return done(_("Sent again. Viewers may hear it twice."))


@require_POST
@needs(Action.SILENCE)
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
