"""The wall: in five seconds know which room needs somebody, and why."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import facts, room_lists
from dashboard.console.views.shared import page, team_seq, team_topic
from dashboard.jobs.selectors import rooms_on_the_wall
from dashboard.lib import clock
from dashboard.vendors.selectors import unclaimed_count

WALL_MOST = 100


@require_GET
@needs(Action.SEE)
def root(request: TeamRequest) -> HttpResponseBase:
    """A team's own address leads to what its people open first."""
    return redirect("console:wall", request.team.slug)


@require_GET
@needs(Action.SEE)
def wall(request: TeamRequest) -> HttpResponseBase:
    listed_at = team_seq(request)
    since = clock.now() - timedelta(seconds=facts.RECENT_END_S)
    rooms = room_lists.places(rooms_on_the_wall(request.team, since=since))
    tiles = room_lists.TILES.of(rooms[:WALL_MOST], request.team.slug)
    return page(
        request,
        "console/wall.html",
        name="wall",
        topics={one.topic: one.seq for one in tiles} | listed_at,
        context={
            "tiles": "".join(one.html for one in sorted(tiles, key=lambda one: (one.order, one.id))),
            "now": clock.now(),
            "ghosts": unclaimed_count(request.team.pk),
            "listed_at": listed_at[team_topic(request)],
            "listed_topic": team_topic(request),
        },
    )
