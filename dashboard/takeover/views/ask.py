"""Say something, or say it once more."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, confirm, does, needs
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import done
from dashboard.lib.valid import valid
from dashboard.takeover.checks import running_job
from dashboard.takeover.forms import AgainForm, SayForm
from dashboard.takeover.services import ask
from dashboard.takeover.states import Mode
from dashboard.takeover.views.shared import confirm_saying, item_of


@require_POST
@needs(Action.TAKE_OVER)
@does(Deed.SAY, Deed.SAY_NOW, Deed.END_SILENCE)
def create(request: TeamRequest, code: str) -> HttpResponseBase:
    form = valid(SayForm(request.POST))
    data, job = form.cleaned_data, running_job(request.team, code)
    ends_silence = confirm_saying(request, job, Mode(data["mode"]))
    item = ask.request_takeover(
        job=job,
        user=request.user,
        actor=actor_of(request.member),
        wish=form.wish(),
        key=data["key"],
        ends_silence=ends_silence,
    )
    response = done()
    response["X-Draft-Done"] = item.key
    return response


@require_POST
@needs(Action.TAKE_OVER)
@does(Deed.SAY_AGAIN, Deed.END_SILENCE)
def again(request: TeamRequest, pk: int) -> HttpResponseBase:
    confirm(request, Deed.SAY_AGAIN)
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page sent no key. Reload it and press once more."), field="key")
    item, data = item_of(request, pk), form.cleaned_data
    ask.send_again(
        item=item,
        user=request.user,
        actor=actor_of(request.member),
        key=data["key"],
        version=data["version"],
        ends_silence=confirm_saying(request, item.job, Mode(item.mode)),
    )
    return done(_("Sent again. Viewers may hear it twice."))
