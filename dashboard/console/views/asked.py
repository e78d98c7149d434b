"""What a desk asks for once it stands: the questions of its audience, and what the rules answered."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import audience_markup, facts
from dashboard.events.selectors import sequence
from dashboard.rooms.models import Room


@require_GET
@needs(Action.SEE)
def asked(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room.objects.select_related("account", "team"), team=request.team, code=code)
    one = facts.load_figures(room, sequence(room.topic))
    with timezone.override(room.time_zone):
        return HttpResponse("".join(audience_markup.asked_html(one, request.team.slug).values()))
