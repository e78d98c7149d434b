"""The rehearsal page, its moving part, debriefs, and the line above a desk."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.lib import clock
from dashboard.rehearsal import pages, selectors
from dashboard.rehearsal.faults import KINDS
from dashboard.rehearsal.forms import FaultForm
from dashboard.rehearsal.scenarios import SCENARIOS
from dashboard.rehearsal.services import course
from dashboard.rehearsal.views.shared import find_run

SHOWN = 20


@require_GET
@needs(Action.SEE)
def page(request: TeamRequest) -> HttpResponseBase:
    context = {
        "page": "rehearsal",
        "scenarios": SCENARIOS,
        "fault_form": FaultForm(team=request.team),
        "fault_kinds": list(KINDS.items()),
        "runs": selectors.runs_of(request.team)[:SHOWN],
        **_now(request),
    }
    return render(request, "rehearsal/page.html", context)


@require_GET
@needs(Action.SEE)
def now(request: TeamRequest) -> HttpResponseBase:
    """The part of the page that moves; it is asked for every two seconds."""
    return render(request, "rehearsal/_now.html", _now(request))


def _now(request: TeamRequest) -> dict[str, Any]:
    account = selectors.sandbox_accounts(request.team).first()
    rooms = list(selectors.sandbox_rooms(request.team))
    on_air = selectors.rooms_on_air(rooms)
    return {
        "rooms": [(room, room in on_air.values()) for room in rooms],
        "sandbox": pages.sandbox_now(account, on_air, rooms) if account else None,
    }


@require_GET
@needs(Action.SEE)
def debrief(request: TeamRequest, pk: int) -> HttpResponseBase:
    run = find_run(request, pk)
    if run.heard is None:
        run.heard = course.what_was_heard(run)
    return render(request, "rehearsal/debrief.html", {"page": "rehearsal", "debrief": pages.debrief(run)})


@require_GET
@needs(Action.SEE)
def strip(request: TeamRequest, code: str) -> HttpResponseBase:
    """The line above a desk while a rehearsal runs in its room, and shortly after; empty otherwise."""
    room = get_object_or_404(selectors.sandbox_rooms(request.team), code=code)
    context = {"run": selectors.shown_run(room, clock.now()), "room": room, "now": clock.now()}
    return render(request, "rehearsal/_strip.html", context)
