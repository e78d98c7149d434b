"""What every live page sends beside its own content: its topics, with the sequences that were read before its rows."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from dashboard.accounts.access import TeamRequest
from dashboard.console import markup, summary
from dashboard.events.selectors import sequences


def team_topic(request: TeamRequest) -> str:
    return f"team:{request.team.pk}"


def team_seq(request: TeamRequest) -> dict[str, int]:
    """A list reads this before it reads who belongs to it: what joins later has a higher number, so the page hears."""
    return sequences([team_topic(request)])


def page(
    request: TeamRequest, template: str, *, name: str, topics: dict[str, int], context: dict[str, Any]
) -> HttpResponse:
    """Render a live page. `name` is both its place in the navigation and the view that the hub renders for."""
    topics = topics if team_topic(request) in topics else topics | team_seq(request)
    shared = {
        "page": name,
        "view": name,
        "topics_json": json.dumps(topics),
        "summary_html": markup.summary_html(summary.summary(request.team.pk, topics[team_topic(request)])),
    }
    return render(request, template, {**shared, **context})
