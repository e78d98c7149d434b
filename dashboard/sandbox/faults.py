"""Misbehaviour on request: which faults are armed, and whom they hit.

The server applies what concerns a whole HTTP exchange (latency, error, timeouts, refuse, outage, freeze) for every face
alike; a face asks `take()` for what only it can do (swallow_frame, swallow_notices, expire_tokens, quota …).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "latency": "answers later by params.seconds (real)",
    "error": "answers params.status (500) instead of acting; params.after: acts first;"
    " params.code, params.message, params.body: what it says",
    "timeout_before": "no effect, and no answer until the client gives up (at most 120 s)",
    "timeout_after": "the effect happens, the answer never comes",
    "refuse": "hangs up without an answer; params.after: after the effect; params.listen: the port is closed for for_s",
    "drop_socket": "closes the takeover sockets now; params.abrupt: without close frame; params.code: close code;"
    " params.after_frame: only after the next frame from the client took effect",
    "half_open": "the takeover sockets that are open now go dead: they neither answer pings nor close, what is sent on"
    " them is lost; new ones work; cut after params.seconds (120, real)",
    "freeze": "HTTP and sockets hang whole for for_s, then go on; params.world: false lets the world stand too",
    "swallow_frame": "the next frame from the client is ignored; params.urgent_only (also of swallow_notices and of"
    " drop_socket after a frame): SoftSugar's script items, which go to the end of the queue, pass",
    "swallow_notices": "the next takeover is played, but neither notices nor callbacks tell of it",
    "duplicate_callback": "a callback is sent params.times (2) times, the same bytes",
    "delay_callback": "a callback leaves params.seconds (5, real) later",
    "reorder_callback": "a callback is held back until the next one of the same session has left",
    "forge_callback": "before a callback a forged one leaves, with a wrong signature; params.body: its body",
    "drop_callback": "a callback is never sent",
    "skew": "the vendor's clock is params.seconds off",
    "expire_tokens": "tokens given out so far are no longer valid",
    "quota": "creates and starts are refused as over quota; params.code or params.status picks the vendor's code",
    "outage": "everything of that vendor answers 503, or hangs up with params.hang_up",
    "session_end": "running sessions end by themselves with params.status, at once",
    "takeover_fails": "what a running session plays now breaks off, at once",
    "flood": "a job's synthetic audience is params.times (20) as busy; without an audience nothing happens",
}


CONTROL = "control"
"""The `vendor` of what steers the sandbox itself, which no fault reaches."""

AT_ONCE = ("session_end", "takeover_fails")
"""They act on what runs now, in `on_add`, and are used up."""


RANGES: dict[tuple[str, str], tuple[float, float]] = {
    ("latency", "seconds"): (0, 120),
    ("error", "status"): (400, 599),
    ("outage", "status"): (400, 599),
    ("half_open", "seconds"): (0, 600),
    ("duplicate_callback", "times"): (2, 20),
    ("delay_callback", "seconds"): (0, 600),
    ("skew", "seconds"): (-2_592_000, 2_592_000),
    ("flood", "times"): (1, 200),
}
"""What a parameter may be. Outside, a fault would not act as it says, or would stop the sandbox itself."""


def check_params(kind: str, params: dict[str, Any]) -> None:
    """Raises ValueError for a number that is none, or is out of its range."""
    for name, value in params.items():
        least, most = RANGES.get((kind, name), (None, None))
        if least is None or most is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{name} of {kind} is {least:g} to {most:g}")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a request or socket concerns; what a fault may be narrowed to."""

    vendor: str
    endpoint: str | None = None
    session: str | None = None


@dataclass(slots=True)
class Fault:
    id: str
    kind: str
    vendor: str | None = None
    endpoint: str | None = None
    session: str | None = None
    count: int | None = None
    until: float | None = None
    """In the clock's monotonic seconds; None: until taken back or used up."""
    params: dict[str, Any] = field(default_factory=dict)
    since: float | None = None
    """In the clock's monotonic seconds; None: armed. Until then it waits and does nothing."""
    hits: int = 0

    def concerns(self, target: Target) -> bool:
        return (
            target.vendor != CONTROL
            and self.vendor in (None, target.vendor)
            and (self.endpoint is None or self.endpoint == target.endpoint)
            and (self.session is None or self.session == target.session)
        )

    def describe(self, now: float) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "vendor": self.vendor,
            "endpoint": self.endpoint,
            "session": self.session,
            "count": self.count,
            "starts_in_s": None if self.since is None else round(max(0.0, self.since - now), 3),
            "left_s": None if self.until is None else round(max(0.0, self.until - now), 3),
            "params": self.params,
            "hits": self.hits,
        }


class Faults:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._faults: dict[str, Fault] = {}
        self._planned: dict[str, Fault] = {}
        self._number = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self.on_change: list[Callable[[], None]] = []
        """Called after any fault came, went or ran out: the server freezes and thaws its sockets here."""
        self.on_add: list[Callable[[Fault], None]] = []
        """Called with a new fault: for those that act at once (drop_socket, half_open, session_end)."""

    def add(
        self,
        kind: str,
        *,
        vendor: str | None = None,
        endpoint: str | None = None,
        session: str | None = None,
        count: int | None = None,
        after_s: float = 0.0,
        for_s: float | None = None,
        params: dict[str, Any] | None = None,
    ) -> Fault:
        """Arm it, in `after_s` real seconds; `for_s` counts from then."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        if after_s < 0 or (for_s is not None and for_s <= 0):
            raise ValueError("after_s and for_s count forward")
        check_params(kind, params or {})
        self._number += 1
        start = self._monotonic() + after_s
        until = None if for_s is None else start + for_s
        fault = Fault(f"f{self._number}", kind, vendor, endpoint, session, count, until, dict(params or {}))
        if after_s:
            fault.since = start
            self._planned[fault.id] = fault
        else:
            self._arm(fault)
        return fault

    def _arm(self, fault: Fault) -> None:
        fault.since = None
        self._faults[fault.id] = fault
        for act in list(self.on_add):
            act(fault)
        if fault.kind in AT_ONCE:
            self._faults.pop(fault.id, None)
        self._changed()

    def remove(self, fault_id: str) -> bool:
        if self._planned.pop(fault_id, None) is not None:
            return True
        gone = self._faults.pop(fault_id, None) is not None
        if gone:
            self._changed()
        return gone

    def clear(self) -> None:
        self._planned.clear()
        self._faults.clear()
        self._changed()

    def all(self) -> list[dict[str, Any]]:
        self.expire()
        return [fault.describe(self._monotonic()) for fault in [*self._faults.values(), *self._planned.values()]]

    def peek(self, kind: str, target: Target) -> Fault | None:
        """The oldest armed fault of that kind that concerns the target, without using it up."""
        now = self._monotonic()
        for fault in self._faults.values():
            if fault.kind == kind and fault.concerns(target) and (fault.until is None or fault.until > now):
                return fault
        return None

    def armed(self, kind: str) -> Fault | None:
        """The oldest armed fault of that kind, whomever it concerns."""
        now = self._monotonic()
        alive = (fault for fault in self._faults.values() if fault.until is None or fault.until > now)
        return next((fault for fault in alive if fault.kind == kind), None)

    def take(self, kind: str, target: Target) -> Fault | None:
        """Like `peek`, and one of its count is used up."""
        fault = self.peek(kind, target)
        if fault is None:
            return None
        fault.hits += 1
        if fault.count is not None:
            fault.count -= 1
            if fault.count <= 0:
                del self._faults[fault.id]
                self._changed()
        return fault

    def expire(self) -> None:
        """Arm what was planned for now, and let go what ran out."""
        now = self._monotonic()
        for fault in [fault for fault in self._planned.values() if fault.since is not None and fault.since <= now]:
            del self._planned[fault.id]
            self._arm(fault)
        over = [fault.id for fault in self._faults.values() if fault.until is not None and fault.until <= now]
        for fault_id in over:
            del self._faults[fault_id]
        if over:
            self._changed()

    def is_frozen(self, target: Target) -> bool:
        return self.peek("freeze", target) is not None

    def world_stands(self) -> bool:
        return any(fault.kind == "freeze" and fault.params.get("world") is False for fault in self._faults.values())

    async def wait_thawed(self, target: Target) -> None:
        while self.is_frozen(target):
            change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(change)
            try:
                await change
            finally:
                self._waiting.discard(change)

    def _changed(self) -> None:
        for change in list(self._waiting):
            if not change.done():
                change.set_result(None)
        for act in list(self.on_change):
            act()
