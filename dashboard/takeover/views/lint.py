"""What the lint says while one types."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.takeover.checks import LONGEST
from dashboard.takeover.lint import findings
from dashboard.takeover.views.shared import room_of


@require_POST
@needs(Action.TAKE_OVER)
def lint(request: TeamRequest, code: str) -> HttpResponseBase:
    """What is found in a draft. Nothing is written, and the press is judged anew."""
    room = room_of(request, code)
    text = request.POST.get("text", "")[: max(LONGEST.values())]
    return render(request, "takeover/_lint.html", {"findings": findings(room, text)})
