"""The desk's part of `markup.py`: what moves with every change of a room's state, and the composer."""

from __future__ import annotations

from dashboard.console import ahead, bar, desk
from dashboard.console.dock import Dock
from dashboard.console.facts import RoomFacts
from dashboard.console.rendering import UNNUMBERED, html, kept_html, unnumbered

#: Stands in a kept form for the token of whoever asks.
_TOKENS_PLACE = "token-of-this-request"


def bar_html(room: RoomFacts, slug: str) -> str:
    return kept_html("jobs/_room_bar.html", room.seq, bar=bar.bar(unnumbered(room), slug))


def history_html(room: RoomFacts) -> str:
    return kept_html("jobs/_history.html", room.seq, history=desk.history_of(unnumbered(room)))


def desk_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """The regions of a desk that move with every change of its state, by id. Their times are in the current zone."""
    number, seq, plain = room.room.pk, room.seq, unnumbered(room)
    return {
        f"room-bar-{number}": bar_html(room, slug),
        f"now-{number}": kept_html("jobs/_now.html", seq, now=desk.now(plain)),
        f"queue-{number}": queue_html(room, slug),
        f"script-{number}": kept_html("jobs/_script.html", seq, script=desk.script(plain, slug)),
        f"outlook-{number}": html("takeover/_outlook.html", outlook=ahead.ahead_of(room)),
        f"stop-box-{number}": stop_html(room, slug),
    }


def dock_html(dock: Dock, *, undo_s: int, allowed_actions: str, csrf_token: str) -> str:
    """The composer: the same for each role in a room but for the token of its forms, which is put in at last."""
    same = kept_html(
        "takeover/_dock.html",
        UNNUMBERED,
        dock=dock,
        undo_s=undo_s,
        allowed_actions=allowed_actions,
        csrf_token=_TOKENS_PLACE,
    )
    return same.replace(_TOKENS_PLACE, csrf_token)


def stop_html(room: RoomFacts, slug: str) -> str:
    of, dialog = room.room, bar.stop_dialog(room, slug)
    return kept_html("jobs/_stop.html", room.seq, id=of.pk, number=UNNUMBERED, topic=of.topic, dialog=dialog)


def queue_html(room: RoomFacts, slug: str) -> str:
    queue = desk.queue(unnumbered(room), slug)
    rows = tuple(kept_html("takeover/_queue_item.html", room.seq, item=item) for item in queue.items)
    return kept_html("takeover/_queue.html", room.seq, queue=queue, rows=rows)
