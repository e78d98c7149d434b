"""Take an item back, ask what became of it, or say that it was heard."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, confirm, does, needs
from dashboard.lib.htmx import done
from dashboard.takeover.services import settle
from dashboard.takeover.states import TakeoverState
from dashboard.takeover.views.shared import item_of, version_of


@require_POST
@needs(Action.CANCEL_TAKEOVER)
@does(Deed.CANCEL_ITEM, Deed.CUT_OFF)
def cancel(request: TeamRequest, pk: int) -> HttpResponseBase:
    version = version_of(request)
    item = item_of(request, pk)
    if item.state == TakeoverState.PLAYING:
        why = _("%(item)s is being heard now. Press once more to cut it off.") % {"item": item}
        confirm(request, Deed.CUT_OFF, why)
    settle.cancel_takeover(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done()


@require_POST
@needs(Action.SETTLE_TAKEOVER)
def mark_spoken(request: TeamRequest, pk: int) -> HttpResponseBase:
    version = version_of(request)
    item = item_of(request, pk)
    settle.mark_spoken(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done()


@require_POST
@needs(Action.SETTLE_TAKEOVER)
def check(request: TeamRequest, pk: int) -> HttpResponseBase:
    version = version_of(request)
    item = item_of(request, pk)
    settle.check_again(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done(_("Asked the vendor once more. Where it can't tell, the item stays unknown."))
