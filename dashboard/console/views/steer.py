"""What steers a running job: its script while it is spoken, its rules, layers, material, and where its stream goes."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import facts, steer_markup
from dashboard.console.scene_panel import scene_panel
from dashboard.console.script_editor import editor
from dashboard.console.steer_panels import panels
from dashboard.console.views.shared import numbered_room, page
from dashboard.rooms.models import Room


@require_GET
@needs(Action.REWRITE)
def script(request: TeamRequest, code: str) -> HttpResponseBase:
    room, one, numbers = _room(request, code)
    if one.job is None or not one.job.is_open:
        raise Http404
    with timezone.override(room.time_zone):
        regions = steer_markup.script_page_html(one, request.team.slug)
        context = {
            "room": room,
            "editor": editor(one.job),
            "bar": regions[f"room-bar-{room.pk}"],
            "script": regions[f"script-{room.pk}"],
            "stop": regions[f"stop-box-{room.pk}"],
        }
        return page(request, "console/script.html", name="script", topics=numbers, context=context)


@require_GET
@needs(Action.SEE)
def steer(request: TeamRequest, code: str) -> HttpResponseBase:
    room, one, numbers = _room(request, code)
    with timezone.override(room.time_zone):
        regions = steer_markup.steer_html(one, request.team.slug)
        context = {
            "room": room,
            "panels": panels(one, request.team),
            "bar": regions[f"room-bar-{room.pk}"],
            "steered": regions[f"steered-{room.pk}"],
            "stop": regions[f"stop-box-{room.pk}"],
        }
        return page(request, "console/steer.html", name="steer", topics=numbers, context=context)


@require_GET
@needs(Action.SEE)
def scene(request: TeamRequest, code: str) -> HttpResponseBase:
    """The form of the dock's tab, without the page around it."""
    room = get_object_or_404(Room.objects.select_related("account"), team=request.team, code=code)
    return render(request, "takeover/_scene_form.html", {"scene": scene_panel(room, request.team.slug)})


def _room(request: TeamRequest, code: str) -> tuple[Room, facts.RoomFacts, dict[str, int]]:
    """The room with all that its pages show; the numbers are read before the rows."""
    room, numbers = numbered_room(request, code)
    return room, facts.load_desk(room, numbers[room.topic]), numbers
