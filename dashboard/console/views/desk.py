"""The room desk: run one room: hear, decide, speak, verify."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import audience_markup, dock, facts, markup
from dashboard.console.views.shared import page, team_topic
from dashboard.events.selectors import sequences
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import SECRETS


@require_GET
@needs(Action.SEE)
def desk(request: TeamRequest, code: str) -> HttpResponseBase:
    rooms = Room.objects.select_related("account", "team").defer(*SECRETS)
    room = get_object_or_404(rooms, team=request.team, code=code)
    numbers = sequences([room.topic, team_topic(request)])
    request.member.team = request.team  # known already: the undo window is the team's
    one = facts.load_desk(room, numbers[room.topic])
    with timezone.override(room.time_zone):
        regions = markup.desk_html(one, request.team.slug)
        number = room.pk
        context = {
            "room": room,
            "bar": regions[f"room-bar-{number}"],
            "now": regions[f"now-{number}"],
            "queue": regions[f"queue-{number}"],
            "script": regions[f"script-{number}"],
            "history": markup.history_html(one),
            "stop": regions[f"stop-box-{number}"],
            "audience": audience_markup.audience_html(one, request.team.slug),
            "outlook": regions[f"outlook-{number}"],
            "undo_s": request.member.undo_s,
            "dock": dock.dock(one, request.team.slug),
        }
        return page(request, "console/desk.html", name="desk", topics=numbers, context=context)
