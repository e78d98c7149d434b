"""The room desk: run one room: hear, decide, speak, verify."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.accounts.context import allowed_actions
from dashboard.console import audience_markup, desk_markup, dock, facts
from dashboard.console.views.shared import numbered_room, page


@require_GET
@needs(Action.SEE)
def desk(request: TeamRequest, code: str) -> HttpResponseBase:
    room, numbers = numbered_room(request, code)
    request.member.team = request.team  # known already: the undo window is the team's
    one = facts.load_desk(room, numbers[room.topic])
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
