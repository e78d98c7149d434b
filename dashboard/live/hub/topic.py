"""One topic that somebody looks at: who, how far they are, and when its next flush is due. All times are monotonic."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from dashboard.live.hub import frames
from dashboard.live.hub.client import Client

STATE_GAP_S = 0.05
#: What the gap of a busy process grows to.
WIDEST_GAP_S = 0.2
#: Vendors tell the end of one sentence and the start of the next in two frames: both are shown at once.
GATHER_S = 0.02
FEED_GAP_S = 0.25
#: Numbers that a person glances at.
COUNTERS_GAP_S = 1.0


@dataclass(eq=False, slots=True)
class Topic:
    name: str
    clients: set[Client] = field(default_factory=set)
    #: What all clients have; None until the first of them was greeted.
    cursor: int | None = None
    #: The newest number that was told; beyond the cursor there is something to flush.
    told: int = 0
    #: Something told since the last flush may be more than the audience.
    is_urgent: bool = False
    #: The audience moved numbers that were too soon to show.
    owes_counters: bool = False
    sent: frames.Sent = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    flushed_at: float = 0.0
    counters_at: float = 0.0
    timer: asyncio.TimerHandle | None = None
    timer_at: float = 0.0

    def tell(self, seq: int, *, is_urgent: bool) -> None:
        self.told = max(self.told, seq)
        self.is_urgent = self.is_urgent or is_urgent

    def due_at(self, now: float, gap: float) -> float | None:
        """When the next flush is due; None where there is nothing to flush."""
        if self.cursor is None:
            return None
        if self.told > self.cursor:
            return max(now + GATHER_S, self.flushed_at + (gap if self.is_urgent else FEED_GAP_S))
        return self.counters_at + COUNTERS_GAP_S if self.owes_counters else None

    def begin(self, now: float) -> bool:
        """A flush begins: what is told from now on is for the next. Returns whether counters owed by then are due."""
        self.flushed_at = now
        self.is_urgent = False
        return now >= self.counters_at + COUNTERS_GAP_S

    def end(self, flushed: frames.Flushed, now: float) -> None:
        self.cursor = max(self.cursor or 0, flushed.seq)
        self.told = max(self.told, flushed.seq)
        self.sent = flushed.sent
        if flushed.has_counters:
            self.counters_at = now
        self.owes_counters = flushed.owes_counters

    def leave(self, client: Client) -> None:
        """Whom nobody follows starts anew with the next who does; the lock stays, somebody may wait for it."""
        self.clients.discard(client)
        if not self.clients:
            self.forget_timer()
            self.cursor, self.owes_counters = None, False
            self.sent.clear()

    def forget_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
