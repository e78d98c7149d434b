"""uvicorn's WebSocket, with one more door: frames that were encoded once are written as they are.

ASGI's `send` encodes the same text anew for each of a thousand browsers, through five coroutines. Everything else,
handshake, pings, closing and the browser's own words, is uvicorn's. See docs/decisions/0028-frames-as-they-are.md.
"""

from __future__ import annotations

from asyncio import BaseTransport
from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

#: The version that this was written for and tested with; `tests/unit/live/test_wire.py` holds the pin to it.
UVICORN = "0.54.0"
#: Where the socket stands in the ASGI scope, as ASGI has it for what one server offers and others don't.
EXTENSION = "talkback.frames"
#: Bytes that may wait in this process for one browser. Beside the system's own buffer: a wall's greeting fits.
MOST_WAITING = 256 * 1024


class FrameSocket(WebSocketsSansIOProtocol):
    _on_free: Callable[[], None] | None = None
    _is_free = True

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=MOST_WAITING, low=MOST_WAITING // 4)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions = self.scope["extensions"]
            if extensions is not None:
                extensions[EXTENSION] = self  # type: ignore[assignment]

    def follow(self, on_free: Callable[[], None]) -> None:
        """Call `on_free` each time the browser has taken most of what waited."""
        self._on_free = on_free

    def write_framed(self, framed: bytes) -> bool:
        """Write a whole frame; whether another one may follow at once. Of a socket that closes nothing is written."""
        if self.close_sent or self.disconnected or not self.handshake_complete or self.transport.is_closing():
            return False
        self.transport.write(framed)
        return self._is_free

    @property
    def is_free(self) -> bool:
        return self._is_free

    def cut(self) -> None:
        """End a socket that takes no closing frame any more."""
        self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_free = False

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_free = True
        if self._on_free is not None:
            self._on_free()
