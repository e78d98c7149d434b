"""Takeovers of all rooms: supervise everything that people put on air."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import items, markup
from dashboard.console.views.shared import page, team_seq
from dashboard.events.selectors import sequences
from dashboard.jobs.selectors import rooms_on_the_wall
from dashboard.lib import clock
from dashboard.takeover.selectors import listed

TAKEOVERS_SHOWN = 100
ROOMS_FOLLOWED = 100


@require_GET
@needs(Action.SEE)
def takeovers(request: TeamRequest) -> HttpResponseBase:
    show = request.GET.get("show", "")[:16]
    listed_at = team_seq(request)
    found = listed(request.team, state=show)
    chosen = list(found.values_list("pk", "room_id")[:TAKEOVERS_SHOWN])
    running = rooms_on_the_wall(request.team, since=clock.now())[:ROOMS_FOLLOWED]
    # The numbers before the rows: a row is never older than its number says.
    numbers = sequences({f"room:{room_id}" for _, room_id in chosen} | {room.topic for room in running})
    rows = list(listed(request.team).filter(pk__in=[pk for pk, _ in chosen]))
    context = items.Context(request.team.slug, 0, clock.now(), items.wait_reasons(rows))
    groups: dict[str, list[str]] = {"approval": [], "unknown": [], "speaking": [], "queued": [], "ended": []}
    for row in rows:
        context.seq = numbers[f"room:{row.room_id}"]
        shown = items.row(row, context)
        groups[shown.group].append(markup.takeover_html(shown))
    shared = {"groups": groups, "show": show}
    return page(request, "console/takeovers.html", name="takeovers", topics=numbers | listed_at, context=shared)
