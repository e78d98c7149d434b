"""uvicorn's WebSocket, with one more door: frames that were encoded once are written as they are.

ASGI's `send` encodes the same text anew for each of a thousand browsers, through five coroutines. Everything else,
handshake, pings, closing and the browser's own words, is uvicorn's. See docs/decisions/0028-frames-as-they-are.md.
"""

from __future__ import annotations

from asyncio import BaseTransport
from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

#: The version that this was written for and tested with; `tests/unit/live/test_wire.py` holds the pin to it.
UVICORN = "0.54.0"
#: Where the socket stands in the ASGI scope, as ASGI has it for what one server offers and others don't.
EXTENSION = "talkback.frames"
#: Bytes that may wait in this process for one browser. Beside the system's own buffer: a wall's greeting fits.
MOST_WAITING = 256 * 1024


class FrameSocket(WebSocketsSansIOProtocol):
    """Once accepted, frames may be written while no end was said by either side, and not too much waits.

    That changes seldom and is told when it does: asking a thousand sockets for each frame cost a quarter of the hub's
    time.
    """

    _on_free: Callable[[], None] | None = None
    _on_held: Callable[[], None] | None = None
    _has_room = True
    _is_over = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=MOST_WAITING, low=MOST_WAITING // 4)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions = self.scope["extensions"]
            if extensions is not None:
                extensions[EXTENSION] = self  # type: ignore[assignment]

    def follow(self, on_free: Callable[[], None], on_held: Callable[[], None]) -> Callable[[bytes], object]:
        """What writes a whole frame, while the socket is free; of one that was accepted each change is told.

        Who writes at another time writes behind the closing frame, or into memory without end.
        """
        self._on_free, self._on_held = on_free, on_held
        return self.transport.write

    @property
    def is_free(self) -> bool:
        return self.handshake_complete and self._has_room and not self._is_over

    def cut(self) -> None:
        """End a socket that takes no closing frame any more."""
        self.transport.abort()

    @property
    def close_sent(self) -> bool:
        """uvicorn's: it is set wherever this side says the end."""
        return self._close_sent

    @close_sent.setter
    def close_sent(self, sent: bool) -> None:
        self._close_sent = sent
        if sent:
            self._hold_for_good()

    def handle_close(self, event: Frame) -> None:
        self._hold_for_good()
        super().handle_close(event)

    def eof_received(self) -> None:
        self._hold_for_good()
        super().eof_received()

    async def run_asgi(self) -> None:
        """uvicorn closes the socket when its application ends, with or without an error."""
        try:
            await super().run_asgi()
        finally:
            self._hold_for_good()

    def shutdown(self) -> None:
        """The server ends: uvicorn says so to the browser, and waits for what was written before."""
        self._hold_for_good()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hold_for_good()
        self._on_free = self._on_held = None  # whom they belong to holds this socket: both go at once
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._has_room = False
        self._hold()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._has_room = True
        if self.is_free and self._on_free is not None:
            self._on_free()

    def _hold_for_good(self) -> None:
        self._is_over = True
        self._hold()

    def _hold(self) -> None:
        if self._on_held is not None:
            self._on_held()
