"""What steers a running job: its script while it is spoken."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import facts, markup
from dashboard.console.script_editor import editor
from dashboard.console.views.shared import page, team_topic
from dashboard.events.selectors import sequences
from dashboard.rooms.models import Room


@require_GET
@needs(Action.REWRITE)
def script(request: TeamRequest, code: str) -> HttpResponseBase:
    room, one, numbers = _room(request, code)
    if one.job is None or not one.job.is_open:
        raise Http404
    with timezone.override(room.time_zone):
        regions = markup.script_page_html(one, request.team.slug)
        context = {
            "room": room,
            "editor": editor(one.job),
            "bar": regions[f"room-bar-{room.pk}"],
            "script": regions[f"script-{room.pk}"],
            "stop": regions[f"stop-box-{room.pk}"],
        }
        return page(request, "console/script.html", name="script", topics=numbers, context=context)


def _room(request: TeamRequest, code: str) -> tuple[Room, facts.RoomFacts, dict[str, int]]:
    """The room with all that its pages show; the numbers are read before the rows."""
    found = Room.objects.select_related("account", "team")
    room = get_object_or_404(found, team=request.team, code=code)
    numbers = sequences([room.topic, team_topic(request)])
    return room, facts.load_desk(room, numbers[room.topic]), numbers
