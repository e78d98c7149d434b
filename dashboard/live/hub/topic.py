"""One topic that somebody looks at: who, how far they are, and when its next flush is due. All times are monotonic."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from dashboard.lib import clock, metrics
from dashboard.lib.metrics import Stage
from dashboard.live.hub import frames
from dashboard.live.hub.client import Client, Told

STATE_GAP_S = 0.02
#: What the gap of a busy process grows to.
WIDEST_GAP_S = 0.2
#: What one act of ours or of a vendor brings in several commits, close together, is shown at once.
GATHER_S = 0.005
FEED_GAP_S = 0.25
#: Numbers that a person glances at.
COUNTERS_GAP_S = 1.0
#: A rate is over the last 10 s: so long after the last change the numbers are shown once more, as they came to rest.
REST_S = 11.0


#: A thousand browsers that come back at once are greeted with the same text.
GREETING_S = 1.0


@dataclass(frozen=True, slots=True)
class Greeting:
    seq: int
    told: tuple[Told, ...]
    at: float


@dataclass(eq=False, slots=True)
class Topic:
    name: str
    #: Who shares a fragment stands together: a change is looked up once for all of them.
    clients: dict[frames.Variant, set[Client]] = field(default_factory=dict)
    #: What all clients have; None until the first of them was greeted.
    cursor: int | None = None
    #: The newest number that was told; beyond the cursor there is something to flush.
    told: int = 0
    #: Something told since the last flush may be more than the audience.
    is_urgent: bool = False
    #: The audience moved numbers that were too soon to show.
    owes_counters: bool = False
    #: When the first change of state that is not flushed was told, and of what is being flushed; None: none.
    told_at: float | None = None
    flushes_from: float | None = None
    sent: frames.Sent = field(default_factory=dict)
    #: What the last newcomers got. The next flush brings what is newer to them too, and ends it.
    greetings: dict[frames.Variant, Greeting] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    flushed_at: float = 0.0
    counters_at: float = 0.0
    #: When the numbers shown have come to rest; None where they have.
    rest_at: float | None = None
    timer: asyncio.TimerHandle | None = None
    timer_at: float = 0.0

    def join(self, client: Client, now: float) -> None:
        self.clients.setdefault(client.variant, set()).add(client)
        if self.rest_at is None and frames.has_feed(self.name, client.variant):
            # Its page may show a rate of the last seconds, which nobody raises any more.
            self.rest_at = now + REST_S

    def tell(self, seq: int, *, is_urgent: bool) -> None:
        self.told = max(self.told, seq)
        self.is_urgent = self.is_urgent or is_urgent
        if self.told_at is None and is_urgent:  # the audience alone is kept waiting
            self.told_at = clock.monotonic()

    def due_at(self, now: float, gap: float) -> float | None:
        """When the next flush is due; None where there is nothing to flush."""
        if self.cursor is None:
            return None
        if self.told > self.cursor:
            return max(now + GATHER_S, self._shown_from(gap))
        return self.counters_at + COUNTERS_GAP_S if self.owes_counters else self.rest_at

    def _shown_from(self, gap: float) -> float:
        """What is told is shown no earlier: the audience alone waits for what shows it, its feed or its numbers."""
        if self.is_urgent:
            return self.flushed_at + gap
        if any(frames.has_feed(self.name, variant) for variant in self.clients):
            return self.flushed_at + FEED_GAP_S
        return self.counters_at + COUNTERS_GAP_S

    def begin(self, now: float) -> frames.Due:
        """A flush begins: what is told from now on is for the next."""
        self.flushed_at = now
        self.is_urgent = False
        self.flushes_from, self.told_at = self.told_at, None
        rests = self.rest_at is not None and now >= self.rest_at
        return frames.Due(counters=now >= self.counters_at + COUNTERS_GAP_S, owed=self.owes_counters or rests)

    def is_pushed(self) -> None:
        """What was told before this flush is in the queues of all browsers."""
        if self.flushes_from is not None:
            metrics.took(Stage.NOTICE_FLUSHED, clock.monotonic() - self.flushes_from)

    def end(self, flushed: frames.Flushed, now: float) -> None:
        has_news = self.owes_counters or flushed.seq > (self.cursor or 0)
        self.cursor = max(self.cursor or 0, flushed.seq)
        self.told = max(self.told, flushed.seq)
        self.greetings.clear()
        self.sent = flushed.sent
        if flushed.has_counters:
            self.counters_at = now
            self.rest_at = now + REST_S if has_news else None
        self.owes_counters = flushed.owes_counters

    def leave(self, client: Client) -> None:
        """Whom nobody follows starts anew with the next who does; the lock stays, somebody may wait for it."""
        together = self.clients.get(client.variant, set())
        together.discard(client)
        if not together:
            self.clients.pop(client.variant, None)
        if not self.clients:
            self.forget_timer()
            self.cursor, self.rest_at, self.owes_counters = None, None, False
            self.sent.clear()
            self.greetings.clear()

    def greeting(self, variant: frames.Variant) -> Greeting | None:
        kept = self.greetings.get(variant)
        return kept if kept is not None and clock.monotonic() - kept.at < GREETING_S else None

    def forget_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
