"""Move an item of the queue."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import done
from dashboard.takeover.forms import MoveForm
from dashboard.takeover.models import Takeover
from dashboard.takeover.order import To
from dashboard.takeover.services.move import move_takeover
from dashboard.takeover.views.shared import item_of

#: Of a text that is told aloud.
NAMED = 24


@require_POST
@needs(Action.MOVE_TAKEOVER)
def move(request: TeamRequest, pk: int) -> HttpResponseBase:
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The page did not say where the item goes. Reload it and move it again."), field="to")
    data, item = form.cleaned_data, item_of(request, pk)
    anchor = Takeover.objects.filter(team=request.team, pk=data["beside"]).first() if data["beside"] else None
    moved = move_takeover(
        item=item,
        to=To(data["to"]),
        anchor=anchor,
        user=request.user,
        actor=actor_of(request.member),
        version=data["version"],
    )
    text = _("%(words)s, now %(position)d of %(count)d, saved")
    words = {"words": item.text[:NAMED] or str(item), "position": moved.position, "count": moved.count}
    response = done()
    response["X-Announce"] = quote(text % words)
    response["X-Version"] = str(moved.item.version)  # the page shows the move from this version on
    return response
