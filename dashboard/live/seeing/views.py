"""The status page for admins, and its moving part, which asks by itself every two seconds."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console.views.shared import page
from dashboard.live.seeing.status import status


@require_GET
@needs(Action.SEE_STATUS)
def show(request: TeamRequest) -> HttpResponseBase:
    return page(request, "seeing/status.html", name="status", topics={}, context={"status": status(request.team)})


@require_GET
@needs(Action.SEE_STATUS)
def now(request: TeamRequest) -> HttpResponseBase:
    """All of it is read at one moment, so all of it is exchanged together."""
    return render(request, "seeing/_now.html", {"status": status(request.team)})
