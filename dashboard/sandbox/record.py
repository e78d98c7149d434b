"""The audible record: what was heard, in which job, when, and how much of it. The judge in every test of takeovers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.sandbox.clock import WorldClock
from dashboard.sandbox.playback import PlayEvent
from dashboard.sandbox.speech import measure

KEEP = 2_000
SAVED = KEEP
"""The state file stays small enough to write every two seconds."""
REAL = ("started_real", "ended_real")


@dataclass(slots=True)
class Heard:
    seq: int
    vendor: str
    session: str
    ref: str
    source: str
    text: str
    started_at: float
    started_real: datetime
    ended_at: float | None = None
    ended_real: datetime | None = None
    cut: bool = False
    cut_by: str = ""
    chars_spoken: int = 0


class AudibleRecord:
    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._entries: deque[Heard] = deque(maxlen=KEEP)
        self._open: dict[tuple[str, str], Heard] = {}
        self._number = 0

    def follow(self, vendor: str, session: str, event: PlayEvent) -> None:
        """Write down what a player's event means for the listener; a pause closes an entry, a resume opens the next."""
        item = event.item
        if item is None:
            return
        if event.kind in ("started", "resumed"):
            self.begin(vendor, session, ref=item.ref, source=item.source, text=item.text, at=event.at)
        elif event.kind == "finished":
            self.end(vendor, session, at=event.at)
        elif event.kind == "cut":
            self.end(vendor, session, at=event.at, cut_by=event.by or "cut", elapsed_s=_at_normal_speed(event))
        elif event.kind == "paused":
            self.end(vendor, session, at=event.at, cut_by="pause")

    def begin(self, vendor: str, session: str, *, ref: str, source: str, text: str, at: float) -> Heard:
        self._number += 1
        heard = Heard(self._number, vendor, session, ref, source, text, at, self._clock.real_at(at))
        self._entries.append(heard)
        self._open[vendor, session] = heard
        return heard

    def end(self, vendor: str, session: str, *, at: float, cut_by: str = "", elapsed_s: float | None = None) -> None:
        heard = self._open.pop((vendor, session), None)
        if heard is None:
            return
        heard.ended_at, heard.ended_real = at, self._clock.real_at(at)
        heard.cut, heard.cut_by = bool(cut_by), cut_by
        speech = measure(heard.text)
        elapsed = at - heard.started_at if elapsed_s is None else elapsed_s
        heard.chars_spoken = speech.characters_after(elapsed) if cut_by else len(speech.text)

    def entries(self, session: str | None = None, *, since: int = 0) -> list[dict[str, Any]]:
        return [_row(row) for row in self._entries if row.seq > since and session in (None, row.session)]

    def playing(self) -> list[dict[str, Any]]:
        return [_row(row) for row in self._open.values()]

    def clear(self) -> None:
        self._entries.clear()
        self._open.clear()

    def snapshot(self) -> dict[str, Any]:
        return {"number": self._number, "entries": [_row(row) for row in list(self._entries)[-SAVED:]]}

    def restore(self, saved: dict[str, Any]) -> None:
        self.clear()
        self._number = int(saved["number"])
        for row in saved["entries"]:
            times = {name: row[name] and datetime.fromisoformat(row[name]) for name in REAL}
            heard = Heard(**{**row, **times})
            self._entries.append(heard)
            if heard.ended_at is None:
                self._open[heard.vendor, heard.session] = heard


def _at_normal_speed(event: PlayEvent) -> float:
    """How far into its words the item was, in seconds of a voice at normal speed."""
    item = event.item
    if item is None or not item.text or not item.duration_s:
        return event.elapsed_s
    return event.elapsed_s * measure(item.text).duration_s / item.duration_s


def _row(heard: Heard) -> dict[str, Any]:
    row = {name: getattr(heard, name) for name in Heard.__slots__}
    for name in REAL:
        row[name] = row[name] and row[name].isoformat()
    return row
