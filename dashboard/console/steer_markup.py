"""The regions of the pages that steer a running job: its script while it is edited, and what was changed of it."""

from __future__ import annotations

from dashboard.console import desk, desk_markup, steered
from dashboard.console.facts import RoomFacts
from dashboard.console.rendering import kept_html, unnumbered


def script_page_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """What of a running script moves by itself while somebody edits it."""
    script = kept_html("jobs/_script.html", room.seq, script=desk.script(unnumbered(room), slug))
    return {**_frame(room, slug), f"script-{room.room.pk}": script}


def steer_html(room: RoomFacts, slug: str) -> dict[str, str]:
    changes = kept_html("jobs/_steered.html", room.seq, steered=steered.steered(unnumbered(room), slug))
    return {**_frame(room, slug), f"steered-{room.room.pk}": changes}


def _frame(room: RoomFacts, slug: str) -> dict[str, str]:
    number = room.room.pk
    return {
        f"room-bar-{number}": desk_markup.bar_html(room, slug),
        f"stop-box-{number}": desk_markup.stop_html(room, slug),
    }
