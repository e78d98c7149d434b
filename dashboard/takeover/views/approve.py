"""A second person approves or returns words; both speak of the version that the page showed."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import done
from dashboard.takeover.forms import ApproveForm
from dashboard.takeover.services import approve as services
from dashboard.takeover.views.shared import item_of


@require_POST
@needs(Action.APPROVE)
def approve(request: TeamRequest, pk: int) -> HttpResponseBase:
    item, form = item_of(request, pk), _form(request)
    version = form.cleaned_data["version"]
    services.approve(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done(_("Approved. It leaves now."))


@require_POST
@needs(Action.APPROVE)
def return_to_author(request: TeamRequest, pk: int) -> HttpResponseBase:
    item, form = item_of(request, pk), _form(request)
    services.return_to_author(
        item=item,
        user=request.user,
        actor=actor_of(request.member),
        version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
    )
    return done(_("Returned to %(author)s. Nothing was heard.") % {"author": item.author_label})


def _form(request: TeamRequest) -> ApproveForm:
    form = ApproveForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page did not say what you read. Reload it and press once more."), field="version")
    return form
