"""What a room's rules decided, event by event, and why."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.audience.selectors import decisions_of
from dashboard.console import audience_markup, rule_hits
from dashboard.console.views.shared import page
from dashboard.events.selectors import sequence
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorKind

HITS_SHOWN = 100


@require_GET
@needs(Action.SEE)
def rule_log(request: TeamRequest, code: str) -> HttpResponseBase:
    rooms = Room.objects.select_related("account", "rule_set")
    room = get_object_or_404(rooms, team=request.team, code=code)
    show = request.GET.get("show", "")[:16]
    # The number before the rows: what is shown is never older than its number says.
    numbers = {room.topic: sequence(room.topic)}
    found = decisions_of(room, show=show)[:HITS_SHOWN]
    with timezone.override(room.time_zone):
        shown = [rule_hits.hit(one, room, numbers[room.topic], request.team.slug) for one in found]
        context = {
            "room": room,
            "hits": [audience_markup.rule_hit_html(one) for one in shown],
            "show": show,
            "page": "rules",
            "is_vendors": room.account.vendor != VendorKind.SOFTSUGAR,
        }
        # A filtered list stands still: what comes may not belong to it.
        topics = numbers if not show else {}
        return page(request, "console/rule_log.html", name="rule_log", topics=topics, context=context)
