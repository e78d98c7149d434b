"""View objects → HTML, one function per region. What did not change since is not rendered again, whoever asks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard.console import audience, bar, desk, tiles
from dashboard.console.accounts import Card
from dashboard.console.comments import Comment
from dashboard.console.facts import RoomFacts
from dashboard.console.items import Row
from dashboard.console.jobrows import JobRow
from dashboard.console.summary import Summary

#: Fragments that are kept, some 10 MB; those that nobody asked for longest go first.
MOST_KEPT = 2_000
#: Stands for the number of a fragment while it is kept: all else of it may stay the same for minutes.
UNNUMBERED = -1


def _html(template: str, **context: object) -> str:
    return render_to_string(template, context).strip()


def _kept_html(template: str, seq: int, **context: Hashable) -> str:
    """For content that was made with `UNNUMBERED`: rendered once per content, language and zone, numbered each time."""
    zone = timezone.get_current_timezone_name()
    html = _rendered(template, translation.get_language(), zone, tuple(context.items()))
    return html.replace(f'data-seq="{UNNUMBERED}"', f'data-seq="{seq}"')


@lru_cache(maxsize=MOST_KEPT)
def _rendered(template: str, language: str, zone: str, context: tuple[tuple[str, Hashable], ...]) -> str:
    return _html(template, **dict(context))


def _unnumbered(room: RoomFacts) -> RoomFacts:
    return replace(room, seq=UNNUMBERED)


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


def viewers_html(room: RoomFacts) -> str:
    """The part of the bar that the audience moves."""
    return _html("audience/_viewers.html", stats=tiles.stats(room))


def tally_html(room: RoomFacts) -> str:
    return _html("audience/_tally.html", audience=audience.counts(room))


def history_html(room: RoomFacts) -> str:
    return _kept_html("jobs/_history.html", room.seq, history=desk.history_of(_unnumbered(room)))


def desk_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """The regions of a desk that move with every change of its state, by id. Their times are in the current zone."""
    number, seq, plain = room.room.pk, room.seq, _unnumbered(room)
    return {
        f"room-bar-{number}": bar_html(room, slug),
        f"now-{number}": _kept_html("jobs/_now.html", seq, now=desk.now(plain)),
        f"queue-{number}": queue_html(room, slug),
        f"script-{number}": _kept_html("jobs/_script.html", seq, script=desk.script(plain)),
        f"outlook-{number}": _html("takeover/_outlook.html", outlook=desk.ahead_of(room)),
        f"stop-box-{number}": _html("jobs/_stop.html", room=room, dialog=bar.stop_dialog(room, slug)),
    }


def queue_html(room: RoomFacts, slug: str) -> str:
    queue = desk.queue(_unnumbered(room), slug)
    rows = tuple(_kept_html("takeover/_queue_item.html", room.seq, item=item) for item in queue.items)
    return _kept_html("takeover/_queue.html", room.seq, queue=queue, rows=rows)


def audience_html(room: RoomFacts) -> str:
    with timezone.override(room.room.time_zone):
        return _html("audience/_feed.html", audience=audience.audience(room))


def comments_html(rows: Iterable[Comment]) -> list[str]:
    return [_html("audience/_comment.html", comment=row) for row in rows]
