"""What one live job is saying: the item on air, the queue behind it, and the script that fills the gaps.

Pure: no clock, no asyncio. Every call says when it happens (`at`, world seconds); what was due before is played first.
Both vendors are built from it: SoftSugar places by index, MetaStudio by APPEND, INSERT, PLAY_NOW over its own script.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["queued", "started", "finished", "cut", "cancelled", "paused", "resumed", "idle"]


@dataclass(slots=True)
class Item:
    ref: str
    source: str = "takeover"
    """takeover, script, audio or microphone."""
    text: str = ""
    duration_s: float | None = 0.8
    """None: open ended (a microphone), until `close_open`."""
    sentence_ends: tuple[float, ...] = ()
    ready_at: float = 0.0
    """Not started before: the vendor is still making the sound."""
    is_insert: bool = False
    """Waits for the end of a sentence of the script, not for the end of the paragraph."""
    data: dict[str, Any] = field(default_factory=dict)
    """For the owner; must be JSON."""


@dataclass(frozen=True, slots=True)
class PlayEvent:
    kind: Kind
    at: float
    item: Item | None = None
    by: str = ""
    """Of a cut: the ref of what cut it, or `cancel`, `stop`."""
    elapsed_s: float = 0.0
    """Of a cut or finish: how long it was heard."""


class Player:
    """`next_script` hands out the next paragraph when nothing waits; None: the script is over, or there is none."""

    def __init__(self, next_script: Callable[[], Item | None] | None = None) -> None:
        self.next_script = next_script
        self.current: Item | None = None
        self.started_at = 0.0
        self.queue: list[Item] = []
        self.is_running = False
        self.paused_at: float | None = None
        self._pause_at: float | None = None
        self._cut_at: float | None = None
        self._free_at = 0.0
        self._is_idle = False
        self._urgent = ""
        """The ref that cuts what is on air as soon as its sound is there."""
        self._events: list[PlayEvent] = []

    # -- reading -----------------------------------------------------------------------------------------------------

    def order(self) -> list[str]:
        """Refs by order of playing: the one on air first, then the queue."""
        playing = [self.current.ref] if self.current is not None else []
        return playing + [item.ref for item in self.queue]

    def find(self, ref: str) -> Item | None:
        if self.current is not None and self.current.ref == ref:
            return self.current
        return next((item for item in self.queue if item.ref == ref), None)

    def elapsed(self, at: float) -> float:
        """How much of the current item has been heard."""
        if self.current is None:
            return 0.0
        until = at if self.paused_at is None else self.paused_at
        heard = max(0.0, until - self.started_at)
        return heard if self.current.duration_s is None else min(heard, self.current.duration_s)

    def next_sentence_end(self, at: float) -> float | None:
        """When the current item next ends a sentence, strictly after `at`; a paused one counts from where it stands."""
        if self.current is None or self.current.duration_s is None:
            return None
        at = at if self.paused_at is None else self.paused_at
        ends = [self.started_at + end for end in self.current.sentence_ends]
        return next((end for end in ends if end > at + 1e-9), self.started_at + self.current.duration_s)

    def next_due(self) -> float | None:
        """When something happens by itself."""
        if not self.is_running or self.paused_at is not None:
            return None
        if self.current is None:
            return self._next_start()
        ends = [self._cut_at, self._pause_at]
        if self.current.duration_s is not None:
            ends.append(self.started_at + self.current.duration_s)
        return min((end for end in ends if end is not None), default=None)

    def _next_start(self) -> float | None:
        if self.queue:
            return max(self._free_at, self.queue[0].ready_at)
        if self._is_idle:
            return None
        return self._free_at

    # -- time --------------------------------------------------------------------------------------------------------

    def advance(self, to: float) -> list[PlayEvent]:
        """Play everything due up to and including `to`, and hand out what happened."""
        while (due := self.next_due()) is not None and due <= to:
            self._happen(due)
        events, self._events = self._events, []
        return events

    def _catch_up(self, at: float) -> None:
        while (due := self.next_due()) is not None and due <= at:
            self._happen(due)
        if self.current is None:
            # Whatever the caller changes now, nothing begins before this moment.
            self._free_at = max(self._free_at, at)

    def _happen(self, at: float) -> None:
        if self.current is None:
            self._start_next(at)
            return
        end = None if self.current.duration_s is None else self.started_at + self.current.duration_s
        if end is not None and end <= at + 1e-9:
            self._end("finished", end)
        elif self._cut_at is not None and self._cut_at <= at:
            self._end("cut", at, by=self.queue[0].ref if self.queue else "")
        if self._pause_at is not None and self._pause_at <= at:
            self._pause_now(at)

    def _start_next(self, at: float) -> None:
        item = self.queue.pop(0) if self.queue else (self.next_script() if self.next_script is not None else None)
        if item is None:
            self._is_idle = True
            self._emit("idle", at)
            return
        self._begin(item, at)

    def _begin(self, item: Item, at: float) -> None:
        self.current, self.started_at, self._is_idle = item, at, False
        self._cut_at = None
        self._look_again(at)
        self._emit("started", at, item)

    def _end(self, kind: Literal["finished", "cut"], at: float, by: str = "") -> None:
        item, heard = self.current, self.elapsed(at)
        self.current, self._cut_at, self._free_at = None, None, at
        self._emit(kind, at, item, by=by, elapsed_s=heard)

    def _emit(self, kind: Kind, at: float, item: Item | None = None, by: str = "", elapsed_s: float = 0.0) -> None:
        self._events.append(PlayEvent(kind, at, item, by, elapsed_s))

    # -- the whole ---------------------------------------------------------------------------------------------------

    def start(self, at: float) -> list[PlayEvent]:
        """Go on air: from now on the queue and the script play."""
        self.is_running, self._free_at, self._is_idle = True, at, False
        return self.advance(at)

    def stop(self, at: float) -> list[PlayEvent]:
        """Off air: what plays is cut, what waits is dropped without a word."""
        self._catch_up(at)
        if self.current is not None:
            self._end("cut", at, by="stop")
        self.queue.clear()
        self.is_running, self.paused_at, self._pause_at = False, None, None
        return self.advance(at)

    def pause(self, at: float, *, at_sentence_end: bool = False) -> list[PlayEvent]:
        self._catch_up(at)
        if self.is_running and self.paused_at is None:
            self._pause_at = self.next_sentence_end(at) if at_sentence_end else None
            if self._pause_at is None:
                self._pause_now(at)
        return self.advance(at)

    def _pause_now(self, at: float) -> None:
        self._pause_at, self.paused_at = None, at
        self._emit("paused", at, self.current)

    def resume(self, at: float) -> list[PlayEvent]:
        """The current item goes on where it stopped."""
        self._catch_up(at)
        self._pause_at = None
        if self.paused_at is not None:
            stood = at - self.paused_at
            self.started_at += stood
            self._cut_at = None if self._cut_at is None else self._cut_at + stood
            self._free_at, self.paused_at = max(self._free_at, at), None
            self._emit("resumed", at, self.current)
        return self.advance(at)

    def wake(self, at: float) -> list[PlayEvent]:
        """The script has something again."""
        self._catch_up(at)
        self._free_at = max(self._free_at, at)
        self._is_idle = False
        return self.advance(at)

    # -- items -------------------------------------------------------------------------------------------------------

    def append(self, item: Item, at: float) -> list[PlayEvent]:
        """Behind everything that waits."""
        return self.place(item, len(self.queue), at)

    def insert(self, item: Item, at: float) -> list[PlayEvent]:
        """At the next end of a sentence of the script: behind older inserts and what cuts in, before appended items.

        A request on air is heard out; only script paragraphs are left at the end of a sentence ("between two audio
        files or at the end of the text that is being played", 002:14020).
        """
        item.is_insert = True
        ahead = sum(1 for waiting in self.queue if waiting.is_insert or waiting.ref == self._urgent)
        return self.place(item, ahead, at)

    def play_now(self, item: Item, at: float) -> list[PlayEvent]:
        """Cuts what is on air as soon as its sound is there, a paused one at once; also ends a pause."""
        self._catch_up(at)
        self._emit("queued", at, item)
        if self.is_running and self.paused_at is None and item.ready_at > at:
            self.queue.insert(0, item)
            self._pause_at, self._urgent = None, item.ref
            self._look_again(at)
            return self.advance(at)
        if self.current is not None:
            self._end("cut", at, by=item.ref)
        self.paused_at = self._pause_at = None
        if self.is_running and item.ready_at <= at:
            self._begin(item, at)
        else:
            self.queue.insert(0, item)
        return self.advance(at)

    def place(self, item: Item, index: int, at: float) -> list[PlayEvent]:
        """At `index` of the waiting queue; 0 is next."""
        self._catch_up(at)
        self.queue.insert(index, item)
        self._emit("queued", at, item)
        self._look_again(at)
        return self.advance(at)

    def move(self, ref: str, index: int, at: float) -> tuple[bool, list[PlayEvent]]:
        self._catch_up(at)
        item = next((item for item in self.queue if item.ref == ref), None)
        if item is not None:
            self.queue.remove(item)
            self.queue.insert(index, item)
            self._look_again(at)
        return item is not None, self.advance(at)

    def cancel(self, ref: str, at: float, by: str = "cancel") -> tuple[bool, list[PlayEvent]]:
        """A waiting item leaves as `cancelled`, the one on air as `cut`."""
        self._catch_up(at)
        item = self.find(ref)
        if item is not None and item is self.current:
            self._end("cut", at, by=by)
        elif item is not None:
            self.queue.remove(item)
            self._emit("cancelled", at, item)
            if not self._insert_waits():
                self._cut_at = None
        return item is not None, self.advance(at)

    def cancel_all(self, at: float) -> list[PlayEvent]:
        self._catch_up(at)
        waiting, self.queue = self.queue, []
        if self.current is not None and self.current.source != "script":
            self._end("cut", at, by="cancel")
        for item in waiting:
            self._emit("cancelled", at, item)
        self._cut_at = None
        return self.advance(at)

    def extend(self, ref: str, seconds: float) -> None:
        """More sound of an open-ended item arrived."""
        if (item := self.find(ref)) is not None:
            item.data["sound_s"] = item.data.get("sound_s", 0.0) + seconds

    def close_open(self, ref: str, at: float) -> list[PlayEvent]:
        """No more sound comes: an open-ended item ends when what arrived has been heard."""
        self._catch_up(at)
        if (item := self.find(ref)) is not None and item.duration_s is None:
            sound = float(item.data.get("sound_s", 0.0))
            item.duration_s = max(sound, at - self.started_at) if item is self.current else sound
        return self.advance(at)

    def _insert_waits(self) -> bool:
        return self._first_insert() is not None or self._urgent_item() is not None

    def _first_insert(self) -> Item | None:
        """What waits for the end of a sentence of the script that is on air."""
        if self.current is None or self.current.source != "script":
            return None
        return next((item for item in self.queue if item.is_insert), None)

    def _urgent_item(self) -> Item | None:
        return next((item for item in self.queue if item.ref == self._urgent), None) if self._urgent else None

    def _look_again(self, at: float) -> None:
        """When what is on air is left: at once where an urgent one is ready, else at the end of a sentence."""
        if self.current is None:
            return
        if (urgent := self._urgent_item()) is not None:
            self._cut_at = max(at, urgent.ready_at)
        elif self._cut_at is None and (insert := self._first_insert()) is not None:
            self._cut_at = self.next_sentence_end(max(at, insert.ready_at))

    # -- saved state -------------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        return {
            "current": None if self.current is None else _saved(self.current),
            "started_at": self.started_at,
            "queue": [_saved(item) for item in self.queue],
            "is_running": self.is_running,
            "paused_at": self.paused_at,
            "pause_at": self._pause_at,
            "cut_at": self._cut_at,
            "free_at": self._free_at,
            "is_idle": self._is_idle,
            "urgent": self._urgent,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.current = None if saved["current"] is None else _item(saved["current"])
        self.queue = [_item(row) for row in saved["queue"]]
        self.started_at, self.is_running = saved["started_at"], saved["is_running"]
        self.paused_at, self._pause_at, self._cut_at = saved["paused_at"], saved["pause_at"], saved["cut_at"]
        self._free_at, self._is_idle = saved["free_at"], saved["is_idle"]
        self._urgent = saved.get("urgent", "")


def _saved(item: Item) -> dict[str, Any]:
    """By hand: `asdict` copies deeply, which takes ten times as long for a thousand rooms each two seconds."""
    return {**{name: getattr(item, name) for name in Item.__slots__}, "data": dict(item.data)}


def _item(saved: dict[str, Any]) -> Item:
    return Item(**{**saved, "sentence_ends": tuple(saved["sentence_ends"])})
