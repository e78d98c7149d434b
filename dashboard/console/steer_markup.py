"""The regions of the pages that steer a running job: its script while it is edited, and what was changed of it."""

from __future__ import annotations

from dataclasses import replace

from dashboard.console import desk, markup, steered
from dashboard.console.facts import RoomFacts


def script_page_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """What of a running script moves by itself while somebody edits it."""
    script = desk.script(replace(room, seq=markup.UNNUMBERED), slug)
    return {**_frame(room, slug), f"script-{room.room.pk}": _html("jobs/_script.html", room, script=script)}


def steer_html(room: RoomFacts, slug: str) -> dict[str, str]:
    made = steered.steered(replace(room, seq=markup.UNNUMBERED), slug)
    return {**_frame(room, slug), f"steered-{room.room.pk}": _html("jobs/_steered.html", room, steered=made)}


def _frame(room: RoomFacts, slug: str) -> dict[str, str]:
    number = room.room.pk
    return {f"room-bar-{number}": markup.bar_html(room, slug), f"stop-box-{number}": markup.stop_html(room, slug)}


def _html(template: str, room: RoomFacts, **context: desk.Script | steered.Steered) -> str:
    return markup.region_html(template, room.seq, **context)
