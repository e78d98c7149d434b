"""Which product is on air in a room."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import done
from dashboard.library.models import Product
from dashboard.rooms.models import Room
from dashboard.rooms.services.on_sale import put_on_air


@require_POST
@needs(Action.STEER)
def on_sale(request: TeamRequest, code: str) -> HttpResponseBase:
    """The product of the body's number; none where it is empty."""
    room, wanted = get_object_or_404(Room, team=request.team, code=code), request.POST.get("product", "")
    product = None
    if wanted:
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
            raise Invalid(_("Choose a product of the list."))
        product = get_object_or_404(Product, team=request.team, pk=int(wanted))
    put_on_air(room=room, product=product, user=request.user, actor=actor_of(request.member))
    return done()
