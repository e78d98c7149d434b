"""Takeovers of all rooms: supervise everything that people put on air."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import items, ledger, markup
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
    now = clock.now()
    wanted = ledger.chosen(request.GET.dict())
    listed_at = team_seq(request)
    chosen = list(ledger.found(request.team, wanted, now).values_list("pk", "room_id")[:TAKEOVERS_SHOWN])
    running = rooms_on_the_wall(request.team, since=now)[:ROOMS_FOLLOWED]
    # The numbers before the rows: a row is never older than its number says.
    numbers = sequences({f"room:{room_id}" for _, room_id in chosen} | {room.topic for room in running})
    rows = list(listed(request.team, script=True).filter(pk__in=[pk for pk, _ in chosen]))
    context = ledger.context_of(rows, request.team.slug, 0, now)
    groups: dict[str, list[str]] = {"approval": [], "unknown": [], "speaking": [], "queued": [], "ended": []}
    for row in rows:
        context.seq = numbers[f"room:{row.room_id}"]
        shown = items.row(row, context)
        groups[shown.group].append(markup.takeover_html(shown))
    shared = {
        "groups": groups,
        "chosen": wanted,
        "shows": ledger.choices(request.team, wanted, now),
        "rooms": ledger.rooms_of(running, wanted),
        "people": ledger.people_of(rows),
        "sources": [ledger.Choice(source, str(source.label)) for source in ledger.SOURCES],
    }
    return page(request, "console/takeovers.html", name="takeovers", topics=numbers | listed_at, context=shared)
