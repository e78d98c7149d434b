"""One open socket as the hub knows it: a bounded queue, and the topics it follows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.lib import metrics
from dashboard.live.hub.frames import Variant

LONGEST_QUEUE = 64


@dataclass(eq=False, slots=True)
class Client:
    """`close(code)` ends the socket; `wake` tells its writer that `outbox` has something."""

    user_id: int
    session_key: str
    access_epoch: int
    teams: frozenset[int]
    close: Callable[[int], object]
    variant: Variant
    topics: dict[str, int] = field(default_factory=dict)
    outbox: deque[str] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    overflowed: bool = False

    def push(self, text: str) -> None:
        if len(self.outbox) >= LONGEST_QUEUE:
            metrics.hub_overflows.inc()
            metrics.hub_dropped.inc(len(self.outbox))
            self.outbox.clear()
            self.overflowed = True
        self.outbox.append(text)
        metrics.hub_frames.inc()
        self.wake.set()
