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
    """One text for many sockets: its WebSocket frame is made once, when it is first asked for."""

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

    def follow(self, on_free: Callable[[], None], on_held: Callable[[], None]) -> Callable[[bytes], object]:
        """What writes a frame, while the wire is free; at each change of that one of the two is called."""

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
    #: The wire's own, for as long as the client is free.
    write: Callable[[bytes], object] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.wire is not None:
            self.write = self.wire.follow(self.drain, self.hold)
            self.is_free = self.wire.is_free

    def push(self, told: Told) -> None:
        """Never waits: what the socket does not take now stays in the backlog."""
        if self.is_free:
            self.write(told.framed)
        else:
            self.keep(told)

    def keep(self, told: Told) -> None:
        """For a client that is not free."""
        if not self.is_closed:
            self.backlog.add(told.text)
            self.wake.set()

    def drain(self) -> None:
        """The wire takes frames: first those that wait."""
        if self.is_closed:
            return
        self.is_free = True
        while self.is_free and (text := self.backlog.take()) is not None:
            self.write(Told(text).framed)  # may fill the wire, which then calls `hold`

    def hold(self) -> None:
        """The wire takes no more."""
        self.is_free = False

    def end(self) -> None:
        """From now on nothing is told, not even what waits."""
        self.is_closed, self.is_free = True, False
        self.backlog.clear()


def push_all(clients: Collection[Client], texts: Sequence[str]) -> None:
    """The hot path: a thousand times per change, so nothing is encoded, counted, awaited or asked for each of them."""
    if not clients:
        return
    for told in map(Told, texts):
        framed = told.framed
        for client in clients:
            if client.is_free:
                client.write(framed)
            else:
                client.keep(told)
    metrics.hub_frames.inc(len(clients) * len(texts))
