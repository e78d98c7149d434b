"""One open socket as the hub knows it: the topics it follows, its way out, and what it was too slow to take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dashboard.lib import metrics
from dashboard.live.hub.backlog import Backlog
from dashboard.live.hub.frames import Variant


class Told:
    """One text for many sockets: its WebSocket frame is made once, by the first socket that takes frames."""

    __slots__ = ("_framed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._framed: bytes | None = None

    @property
    def framed(self) -> bytes:
        if self._framed is None:
            payload = self.text.encode()
            size = len(payload)
            if size < 126:
                head = bytes((0x81, size))
            elif size < 65_536:
                head = b"\x81\x7e" + size.to_bytes(2, "big")
            else:
                head = b"\x81\x7f" + size.to_bytes(8, "big")
            self._framed = head + payload
        return self._framed


class Wire(Protocol):
    """A socket that takes whole WebSocket frames: see `wire.py`."""

    @property
    def is_free(self) -> bool: ...

    def write_framed(self, framed: bytes) -> bool:
        """Whether another one may follow at once; if not, `follow`'s callable is called when it may."""

    def follow(self, on_free: Callable[[], None]) -> None: ...

    def cut(self) -> None: ...


@dataclass(eq=False, slots=True)
class Client:
    """`close(code)` ends the socket. Without a `wire`, `wake` tells the writer that something waits."""

    user_id: int
    session_key: str
    access_epoch: int
    teams: frozenset[int]
    close: Callable[[int], object]
    variant: Variant
    wire: Wire | None = None
    topics: set[str] = field(default_factory=set)
    backlog: Backlog = field(default_factory=Backlog)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    is_closed: bool = False
    #: Whether a frame can be written now: the wire takes it, and nothing older waits.
    is_free: bool = False

    def __post_init__(self) -> None:
        if self.wire is not None:
            self.is_free = True
            self.wire.follow(self.drain)

    def push(self, told: Told) -> None:
        """Never waits: what the socket does not take now stays in the backlog."""
        if self.is_free and self.wire is not None:
            self.is_free = self.wire.write_framed(told.framed)
        elif not self.is_closed:
            self.backlog.add(told.text)
            self.wake.set()

    def drain(self) -> None:
        """The wire takes frames again."""
        if self.wire is None or self.is_closed:
            return
        self.is_free = False
        while self.backlog:
            text = self.backlog.take()
            if text is not None and not self.wire.write_framed(Told(text).framed):
                return
        self.is_free = True

    def end(self) -> None:
        """From now on nothing is told, not even what waits."""
        self.is_closed, self.is_free = True, False
        self.backlog.clear()


def push_all(clients: Collection[Client], texts: Sequence[str]) -> None:
    """The hot path: a thousand times per change, so nothing is encoded, counted or awaited for each of them."""
    for told in map(Told, texts):
        for client in clients:
            client.push(told)
    metrics.hub_frames.inc(len(clients) * len(texts))
