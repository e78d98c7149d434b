"""Marked-up words are read as they are typed: what viewers will hear, or where the fault is."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.lib import ssml
from dashboard.lib.errors import Invalid
from dashboard.rooms.models import Room
from dashboard.takeover import airtime, checks, pieces


@require_POST
@needs(Action.SEE)
def read(request: TeamRequest, code: str) -> HttpResponseBase:
    """Nothing is written: whoever sees the room may try."""
    room = get_object_or_404(Room.objects.select_related("account"), team=request.team, code=code)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    reading = ssml.read(text)
    context: dict[str, object] = {"lang": room.language, "count": len(text)}
    if reading.document is None:
        faults = [
            (fault, len(text[: fault.place.offset].encode("utf-16-le", "replace")) // 2) for fault in reading.faults
        ]
        return render(request, "takeover/_ssml_read.html", {**context, "faults": faults})
    untaken = pieces.untaken(room.account.vendor)
    heard, more = pieces.pieces_of(ssml.without(reading.document, untaken))
    context["untaken"] = [pieces.NAMES[tag] for tag in ssml.tags_of(reading.document) if tag in untaken]
    seconds = max(1, round(airtime.airtime_of(reading.document, room) / 1000))
    context |= {"pieces": heard, "more": more, "seconds": _("%(count)d s") % {"count": seconds}}
    try:
        checks.check_length(airtime.counted(text, reading.document, room.account.vendor), room.account.vendor)
    except Invalid as refused:
        context["limit"] = refused.message
    return render(request, "takeover/_ssml_read.html", context)


def _units(text: str) -> int:
    """A browser counts UTF-16 units."""
    return len(text.encode("utf-16-le", "replace")) // 2
