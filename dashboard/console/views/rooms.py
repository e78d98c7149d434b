"""The list of rooms: find, prepare and start the right one."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import room_lists
from dashboard.console.views.shared import page, team_seq
from dashboard.rooms.selectors import search

ROOMS_PER_PAGE = 50


@require_GET
@needs(Action.SEE)
def rooms(request: TeamRequest) -> HttpResponseBase:
    words, vendor = request.GET.get("q", "")[:80], request.GET.get("vendor", "")[:16]
    on_air = request.GET.get("show") == "on-air"
    listed_at = team_seq(request)
    found = search(request.team, words=words, vendor=vendor)
    if on_air:
        found = found.filter(jobs__ended_at=None, jobs__isnull=False).distinct()
    pages = Paginator(room_lists.places(found), ROOMS_PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    rows = room_lists.ROWS.of(shown.object_list, request.team.slug)
    return page(
        request,
        "console/rooms.html",
        name="rooms",
        topics={one.topic: one.seq for one in rows} | listed_at,
        context={
            "rows": "".join(one.html for one in rows),
            "pages": shown,
            "q": words,
            "vendor": vendor,
            "on_air": on_air,
        },
    )
