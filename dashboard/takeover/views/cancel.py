"""Cancel several items, or all that wait in a room."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.lib.errors import Conflict, Invalid
from dashboard.lib.htmx import done
from dashboard.lib.languages import together
from dashboard.takeover.checks import running_job
from dashboard.takeover.forms import ItemsForm
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.cancel_many import Cancelled, cancel_items
from dashboard.takeover.services.cancel_waiting import cancel_waiting as all_waiting


@require_POST
@needs(Action.CANCEL_TAKEOVER)
@does(Deed.CANCEL_SEVERAL)
def cancel_several(request: TeamRequest) -> HttpResponseBase:
    form = ItemsForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose the items to cancel first."), field="items")
    wanted = Takeover.objects.filter(team=request.team, pk__in=form.cleaned_data["items"])
    items = list(wanted.select_related("room", "job__account", "job__room"))
    return _told(cancel_items(items=items, user=request.user, actor=actor_of(request.member)))


@require_POST
@needs(Action.CANCEL_TAKEOVER)
@does(Deed.CANCEL_SEVERAL)
def cancel_waiting(request: TeamRequest, code: str) -> HttpResponseBase:
    job = running_job(request.team, code)
    result = all_waiting(job=job, user=request.user, actor=actor_of(request.member))
    if result == Cancelled():
        raise Conflict(_("Nothing waits in %(code)s, so nothing was cancelled.") % {"code": code})
    return _told(result)


def _told(result: Cancelled) -> HttpResponse:
    """Names what is cancelled, and why the rest is not."""
    parts = []
    if result.asked:
        parts.append(_("Cancelled: %(items)s.") % {"items": _names(result.asked)})
    if result.over:
        parts.append(_("Over before: %(items)s.") % {"items": _names(result.over)})
    for why in dict.fromkeys(reason for _item, reason in result.kept):
        kept = [item for item, reason in result.kept if reason == why]
        parts.append(_("Not cancelled: %(items)s. %(why)s") % {"items": _names(kept), "why": why})
    return done(together(*parts))


def _names(items: list[Takeover]) -> str:
    return ", ".join(sorted((str(item) for item in items), key=lambda name: (len(name), name)))
