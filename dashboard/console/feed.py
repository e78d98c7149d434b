"""The rows of a desk's feed, which never change once they are there: each is made once, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboard.console import comments
from dashboard.console.kept import Place, Shown, Strings
from dashboard.console.rendering import html
from dashboard.events.models import Event
from dashboard.events.selectors import Brief
from dashboard.rooms.models import Room


def lines(newest: Sequence[Brief], room: Room, slug: str) -> str:
    """The events `newest`, which are the newest first, as the feed has them: oldest first."""
    places = [(one.id, room.language, room.code) for one in reversed(newest)]
    return "".join(line.html for line in LINES.of(places, slug))


def _lines(moved: Mapping[int, Place], slug: str) -> Iterable[Shown]:
    for event in Event.objects.filter(pk__in=list(moved)):
        _id, language, code = moved[event.pk]
        row = comments.comment(event, language, comments.claim_pattern(slug, code))
        if row is not None:
            yield Shown(row.id, row.topic, row.seq, html("audience/_comment.html", comment=row))


LINES = Strings(_lines)
