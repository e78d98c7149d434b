"""The lists of rooms, each line kept while its room rests: the rows of Rooms, the tiles of the wall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from dashboard.console import facts, markup, questions, tiles
from dashboard.console.facts import RoomFacts
from dashboard.console.kept import OF_ACCOUNT, Place, Shown, Strings
from dashboard.events.selectors import seq_of
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import SECRETS


def places(rooms: QuerySet[Room]) -> QuerySet[Any, Place]:
    """`rooms` as `ROWS` and `TILES` want them, in one query."""
    return rooms.annotate(seq=seq_of("room", "pk")).values_list("pk", "seq", *OF_ACCOUNT)


def _facts(moved: Mapping[int, Place]) -> list[RoomFacts]:
    found = Room.objects.filter(pk__in=list(moved)).select_related("account").defer(*SECRETS)
    return facts.load(list(found), {number: place[1] for number, place in moved.items()})


def _rows(moved: Mapping[int, Place], slug: str) -> Iterable[Shown]:
    for one in _facts(moved):
        html = markup.row_html(one, slug)
        yield Shown(one.room.pk, one.room.topic, one.seq, html, until=tiles.changes_at(one))


def _tiles(moved: Mapping[int, Place], slug: str) -> Iterable[Shown]:
    for one in questions.with_questions(_facts(moved)):
        html, order = markup.tile_html(one, slug), tiles.tile(one, slug).order
        yield Shown(one.room.pk, one.room.topic, one.seq, html, order, tiles.changes_at(one))


ROWS = Strings(_rows)
TILES = Strings(_tiles)
