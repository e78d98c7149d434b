"""What every live page sends beside its own content: its topics, with the sequences that were read before its rows."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from dashboard.accounts.access import TeamRequest
from dashboard.console import markup, summary
from dashboard.events.selectors import seq_of, sequence
from dashboard.lib.prepared import PreparedObjects
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import SECRETS


def team_topic(request: TeamRequest) -> str:
    return f"team:{request.team.pk}"


def team_seq(request: TeamRequest) -> dict[str, int]:
    """A list reads this before it reads who belongs to it: what joins later has a higher number, so the page hears."""
    topic = team_topic(request)
    return {topic: sequence(topic)}


def numbered_room(request: TeamRequest, code: str) -> tuple[Room, dict[str, int]]:
    """The room of a page with its account, and the numbers of its topics, which are as old as the room's own row.

    Raises Http404 where the team has none of that code.
    """
    room = _NUMBERED.one(team=request.team.pk, code=code)
    if room is None:
        raise Http404
    seq, team_seq = (getattr(room, number) for number in ("seq", "team_seq"))
    return room, {room.topic: seq, team_topic(request): team_seq}


_NUMBERED = PreparedObjects(
    lambda team, code: (
        Room.objects.select_related("account", "team")
        .defer(*SECRETS)
        .annotate(seq=seq_of("room", "pk"), team_seq=seq_of("team", "team_id"))
        .filter(team=team, code=code)
    )
)


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
