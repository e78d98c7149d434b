"""View objects → HTML, one function per region."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from dashboard.console import ahead, bar, desk, tiles
from dashboard.console.accounts import Card
from dashboard.console.facts import RoomFacts
from dashboard.console.items import Row
from dashboard.console.jobrows import JobRow
from dashboard.console.rendering import UNNUMBERED
from dashboard.console.rendering import html as _html
from dashboard.console.rendering import kept_html as _kept_html
from dashboard.console.rendering import unnumbered as _unnumbered
from dashboard.console.summary import Summary

# --------------------------------------------------------------------------------------------------------------- lists


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


def takeover_html(row: Row) -> str:
    return _kept_html("takeover/_row.html", row.seq, row=replace(row, seq=UNNUMBERED))


def account_html(card: Card) -> str:
    return _html("vendors/_account.html", account=card)


def summary_html(summary: Summary) -> str:
    return _html("console/_summary.html", summary=summary)


# ---------------------------------------------------------------------------------------------------------------- desk


def bar_html(room: RoomFacts, slug: str) -> str:
    return _kept_html("jobs/_room_bar.html", room.seq, bar=bar.bar(_unnumbered(room), slug))


def history_html(room: RoomFacts) -> str:
    return _kept_html("jobs/_history.html", room.seq, history=desk.history_of(_unnumbered(room)))


def desk_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """The regions of a desk that move with every change of its state, by id. Their times are in the current zone."""
    number, seq, plain = room.room.pk, room.seq, _unnumbered(room)
    return {
        f"room-bar-{number}": bar_html(room, slug),
        f"now-{number}": _kept_html("jobs/_now.html", seq, now=desk.now(plain)),
        f"queue-{number}": queue_html(room, slug),
        f"script-{number}": _kept_html("jobs/_script.html", seq, script=desk.script(plain, slug)),
        f"outlook-{number}": _html("takeover/_outlook.html", outlook=ahead.ahead_of(room)),
        f"stop-box-{number}": stop_html(room, slug),
    }


def stop_html(room: RoomFacts, slug: str) -> str:
    return _html("jobs/_stop.html", room=room, dialog=bar.stop_dialog(room, slug))


def queue_html(room: RoomFacts, slug: str) -> str:
    queue = desk.queue(_unnumbered(room), slug)
    rows = tuple(_kept_html("takeover/_queue_item.html", room.seq, item=item) for item in queue.items)
    return _kept_html("takeover/_queue.html", room.seq, queue=queue, rows=rows)
