"""The rooms that speak and those that were silenced, as the dialog of silence shows them."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import silences as shown
from dashboard.jobs.selectors import can_be_heard


@require_GET
@needs(Action.SEE)
def silences(request: TeamRequest) -> HttpResponseBase:
    rooms = shown.rooms(can_be_heard(request.team), request.team.slug)
    pending = sum(room.silence is not None and room.silence.state == "asked" for room in rooms)
    return render(request, "takeover/_silences.html", {"rooms": rooms, "pending": pending})
