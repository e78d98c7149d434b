"""The sandbox's own small HTTP vocabulary: what a face receives and what it answers.

Raw ASGI rather than a framework: the faults need the transport itself (to cut it, or to stop reading from it), and a
vendor that misbehaves on request must not be saved by a framework's good manners.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    """Decoded."""
    raw_path: str
    """As it came, still percent-encoded: what a signature covers."""
    query: list[tuple[str, str]]
    headers: dict[str, str]
    """Names in lower case; a header that came twice is joined by a comma."""
    body: bytes = b""
    host: str = ""
    client: str = ""
    raw_query: str = ""

    def value(self, name: str, default: str = "") -> str:
        """The first query value of that name."""
        return next((value for key, value in self.query if key == name), default)

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except RecursionError:
            raise ValueError("nested too deeply") from None


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json;charset=UTF-8", **(headers or {})}, body)


def text_response(text: str, status: int = 200) -> Response:
    return Response(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())


class Gone(Exception):
    """The other side of a socket left."""

    def __init__(self, code: int) -> None:
        super().__init__(f"socket closed: {code}")
        self.code = code


class Socket:
    """One accepted or not yet accepted WebSocket, which the faults can hold still.

    Frozen, it neither reads (so pings stay unanswered) nor writes; what is sent waits in order. Half open it does the
    same for good, and only `abort` ends it.
    """

    def __init__(self, request: Request, receive: Receive, send: Send) -> None:
        self.request = request
        self.vendor = ""
        self.endpoint: str | None = None
        self.session: str | None = None
        self.is_open = False
        self.is_half_open = False
        self.taken = 0
        """Frames handed to the vendor's code so far."""
        self._receive = receive
        self._send = send
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._turn = asyncio.Lock()

    def bind(self, vendor: str, *, endpoint: str | None = None, session: str | None = None) -> None:
        """Say whose socket it is, so that faults find it."""
        self.vendor, self.endpoint, self.session = vendor, endpoint, session

    async def accept(self, subprotocol: str | None = None) -> None:
        message = await self._receive()
        if message["type"] != "websocket.connect":
            raise Gone(1006)
        await self._thawed.wait()
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})
        self.is_open = True

    async def receive(self) -> str | bytes:
        """The next frame; raises `Gone` when the other side left."""
        message = await self._receive()
        if not self._thawed.is_set():
            self._hold_reading()
            await self._thawed.wait()
            if not self.is_open and message["type"] != "websocket.disconnect":
                raise Gone(1006)
        if message["type"] == "websocket.disconnect":
            self.is_open = False
            raise Gone(int(message.get("code") or 1005))
        self.taken += 1
        text = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"")

    async def send_text(self, text: str) -> None:
        await self._write({"type": "websocket.send", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        await self._write({"type": "websocket.send", "bytes": data})

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.is_open:
            self.is_open = False
            await self._write({"type": "websocket.close", "code": code, "reason": reason}, even_closed=True)

    def abort(self) -> None:
        """Cut the connection without a close frame, like a pulled cable."""
        self.is_open = self.is_half_open = False
        cut(self._send)
        # Whoever waits for it to thaw finds it closed.
        self._thawed.set()

    def go_half_open(self) -> None:
        """As if the other side's packets went nowhere: nothing is heard, told or closed any more."""
        self.is_half_open = True
        self.freeze()

    def freeze(self) -> None:
        if self._thawed.is_set():
            self._thawed.clear()
            self._hold_reading()

    def thaw(self) -> None:
        if not self._thawed.is_set() and not self.is_half_open:
            self._thawed.set()
            transport = transport_of(self._send)
            if transport is not None and not transport.is_closing():
                transport.resume_reading()

    def _hold_reading(self) -> None:
        transport = transport_of(self._send)
        if transport is not None and not transport.is_closing():
            transport.pause_reading()

    async def _write(self, message: Message, *, even_closed: bool = False) -> None:
        async with self._turn:
            await self._thawed.wait()
            if not (self.is_open or even_closed):
                return
            try:
                await self._send(message)
            except (OSError, RuntimeError):
                # uvicorn raises its ClientDisconnected (an OSError), or RuntimeError after its own close.
                self.is_open = False


def transport_of(send: Send) -> asyncio.Transport | None:
    """The connection behind an ASGI send: ASGI cannot hang up without a word; uvicorn's bound method leads there."""
    return getattr(getattr(send, "__self__", None), "transport", None)


def cut(send: Send) -> None:
    transport = transport_of(send)
    if transport is not None:
        transport.abort()
