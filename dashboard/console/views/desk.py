"""The room desk: run one room: hear, decide, speak, verify."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.accounts.context import allowed_actions
from dashboard.console import audience_markup, desk_markup, dock, facts
from dashboard.console.views.shared import page, team_topic
from dashboard.events.selectors import seq_of
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import SECRETS


@require_GET
@needs(Action.SEE)
def desk(request: TeamRequest, code: str) -> HttpResponseBase:
    rooms = Room.objects.select_related("account", "team").defer(*SECRETS)
    # Their numbers with the room itself, and so before all that is read of it.
    numbered = rooms.annotate(seq=seq_of("room", "pk"), team_seq=seq_of("team", "team_id"))
    room = get_object_or_404(numbered, team=request.team, code=code)
    seq, team_seq = (getattr(room, number) for number in ("seq", "team_seq"))
    numbers = {room.topic: seq, team_topic(request): team_seq}
    request.member.team = request.team  # known already: the undo window is the team's
    one = facts.load_desk(room, seq)
    with timezone.override(room.time_zone):
        regions = desk_markup.desk_html(one, request.team.slug)
        number = room.pk
        context = {
            "room": room,
            "bar": regions[f"room-bar-{number}"],
            "now": regions[f"now-{number}"],
            "queue": regions[f"queue-{number}"],
            "script": regions[f"script-{number}"],
            "history": desk_markup.history_html(one),
            "stop": regions[f"stop-box-{number}"],
            "audience": audience_markup.audience_html(one, request.team.slug),
            "outlook": regions[f"outlook-{number}"],
            "dock": desk_markup.dock_html(
                dock.dock(one, request.team.slug),
                undo_s=request.member.undo_s,
                allowed_actions=allowed_actions(request.member),
                csrf_token=get_token(request),
            ),
        }
        return page(request, "console/desk.html", name="desk", topics=numbers, context=context)
