"""View objects → HTML, one function per region of a list; those of a desk are in `desk_markup.py`."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from dashboard.console import tiles
from dashboard.console.accounts import Card
from dashboard.console.facts import RoomFacts
from dashboard.console.ghosts import Ghosts
from dashboard.console.items import Row
from dashboard.console.jobrows import JobRow
from dashboard.console.rendering import UNNUMBERED
from dashboard.console.rendering import html as _html
from dashboard.console.rendering import kept_html as _kept_html
from dashboard.console.rendering import unnumbered as _unnumbered
from dashboard.console.summary import Summary


def tile_html(room: RoomFacts, slug: str) -> str:
    with timezone.override(room.room.time_zone):
        return _kept_html("console/_tile.html", room.seq, tile=tiles.tile(_unnumbered(room), slug))


def stats_html(room: RoomFacts) -> str:
    """The part of a tile that the audience moves."""
    return _html("console/_stats.html", stats=tiles.stats(room))


def row_html(room: RoomFacts, slug: str) -> str:
    return _kept_html("rooms/_room_row.html", room.seq, room=tiles.room_row(_unnumbered(room), slug))


def job_html(row: JobRow) -> str:
    return _kept_html("jobs/_job_row.html", row.seq, job=replace(row, seq=UNNUMBERED))


def ghosts_html(ghosts: Ghosts) -> str:
    return _kept_html("jobs/_ghosts.html", ghosts.seq, ghosts=replace(ghosts, seq=UNNUMBERED))


def takeover_html(row: Row) -> str:
    return _kept_html("takeover/_row.html", row.seq, row=replace(row, seq=UNNUMBERED))


def account_html(card: Card) -> str:
    return _html("vendors/_account.html", account=card)


def summary_html(summary: Summary) -> str:
    return _kept_html("console/_summary.html", summary.seq, summary=replace(summary, seq=UNNUMBERED))
