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
from dashboard.takeover.views.shared import item_of


@require_POST
@needs(Action.TAKE_OVER)
@does(Deed.SAY, Deed.SAY_NOW)
def create(request: TeamRequest, code: str) -> HttpResponseBase:
    form = valid(SayForm(request.POST))
    data = form.cleaned_data
    if data["mode"] == Mode.NOW:
        confirm(request, Deed.SAY_NOW, _("Nothing was sent yet. Press once more to cut off what is heard."))
    item = ask.request_takeover(
        job=running_job(request.team, code),
        user=request.user,
        actor=actor_of(request.member),
        wish=form.wish(),
        key=data["key"],
    )
    response = done()
    response["X-Draft-Done"] = item.key
    return response


@require_POST
@needs(Action.TAKE_OVER)
@does(Deed.SAY_AGAIN)
def again(request: TeamRequest, pk: int) -> HttpResponseBase:
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page sent no key. Reload it and press once more."), field="key")
    item, data = item_of(request, pk), form.cleaned_data
    ask.send_again(
        item=item, user=request.user, actor=actor_of(request.member), key=data["key"], version=data["version"]
    )
    return done(_("Sent again. Viewers may hear it twice."))
