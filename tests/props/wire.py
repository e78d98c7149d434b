"""The wire between product and sandbox, in memory: HTTP exchanges and WebSockets that take time, break and stay silent.

The product's gateways take a transport and a `connect`; the sandbox's ASGI application is on the other end. What the
sandbox does to a connection (cut it, stop reading from it) it does to `Line.transport`, as to uvicorn's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import copy_context
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close
from websockets.protocol import State

from tests.props.loop import PROCESS, Process, VirtualLoop

App = Callable[[Any, Any, Any], Awaitable[None]]
Message = MutableMapping[str, Any]


class Net:
    """All lines of one run; the sandbox's side of each is a task in the sandbox's process."""

    def __init__(self, loop: VirtualLoop, app: App, sandbox: Process) -> None:
        self.loop, self.app = loop, app
        self.is_cut = False
        """Nothing connects: the vendor can't be reached."""
        self._lines: set[Line] = set()
        self._context = copy_context()
        self._context.run(PROCESS.set, sandbox)
        self._tasks: set[asyncio.Task[None]] = set()

    def delay(self) -> float:
        rng = self.loop.rng
        return rng.uniform(0.15, 1.2) if rng.random() < 0.02 else rng.uniform(0.002, 0.06)

    def serve(self, scope: Message, receive: Any, send: Any) -> asyncio.Task[None]:
        task = self.loop.create_task(self.app(scope, receive, send), context=self._context)
        self._tasks.add(task)
        task.add_done_callback(self._served)
        return task

    def _served(self, task: asyncio.Task[None]) -> None:
        """A server may find its client gone; that is no fault of the sandbox."""
        self._tasks.discard(task)
        if not task.cancelled() and not isinstance(task.exception(), OSError | None):
            self.loop.call_exception_handler({"message": "the sandbox broke", "exception": task.exception()})

    async def connect(self, url: str, **_: Any) -> Peer:
        """`websockets.connect` as the gateways call it."""
        process = PROCESS.get()
        await process.gate()
        process.passes("socket opens")
        await asyncio.sleep(self.delay())
        await process.gate()
        if self.is_cut:
            raise OSError("no route")
        line = Line(self, process)
        self._lines.add(line)
        peer = await line.open(url)
        await process.gate()
        return peer

    def drop_lines_of(self, process: Process) -> None:
        """The process is gone: its sockets are closed by the system it ran on."""
        for line in [line for line in self._lines if line.process is process]:
            line.lost()

    def forget(self, line: Line) -> None:
        self._lines.discard(line)


class _Transport:
    """What the sandbox reaches for behind an ASGI `send`."""

    def __init__(self, cut: Callable[[], None], hold: Callable[[bool], None] = lambda held: None) -> None:
        self._cut, self._hold = cut, hold
        self._is_closing = False

    def is_closing(self) -> bool:
        return self._is_closing

    def abort(self) -> None:
        self._is_closing = True
        self._cut()

    def pause_reading(self) -> None:
        self._hold(True)

    def resume_reading(self) -> None:
        self._hold(False)


# ------------------------------------------------------------------------------------------------------------- HTTP


class Call:
    """One HTTP exchange as the sandbox sees it; `send` belongs to an object with a `transport`."""

    def __init__(self, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[tuple[int, list[tuple[bytes, bytes]], bytes]] = loop.create_future()
        self.transport = _Transport(self._cut)
        self._body: bytes | None = body
        self._gone = asyncio.Event()
        self._start: Message = {}

    def leave(self) -> None:
        self._gone.set()

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif not self.answer.done():
            self.answer.set_result((self._start["status"], self._start["headers"], message["body"]))

    def _cut(self) -> None:
        if not self.answer.done():
            self.answer.set_exception(httpx.RemoteProtocolError("hung up"))
            self.answer.exception()  # whoever asked may have left


class SandboxTransport(httpx.AsyncBaseTransport):
    def __init__(self, net: Net) -> None:
        self._net = net

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        process, net = PROCESS.get(), self._net
        await process.gate()
        if net.is_cut:
            await asyncio.sleep(net.delay())
            raise httpx.ConnectError("no route")
        path = request.url.path
        process.passes(f"http {path} leaves")
        await process.gate()
        if (trace := request.extensions.get("trace")) is not None:
            await trace("http11.send_request_headers.started", {})
        call = Call(await request.aread())
        try:
            return await self._asked(request, call, process)
        finally:
            call.leave()

    async def _asked(self, request: httpx.Request, call: Call, process: Process) -> httpx.Response:
        net, url = self._net, request.url
        scope = {
            "type": "http",
            "method": request.method,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }
        net.loop.call_later(net.delay(), net.serve, scope, call.receive, call.send)
        read_s = (request.extensions.get("timeout") or {}).get("read") or 10.0
        try:
            async with asyncio.timeout(read_s):
                status, headers, body = await call.answer
        except TimeoutError:
            await process.gate()
            raise httpx.ReadTimeout("no answer") from None
        await asyncio.sleep(net.delay())
        process.passes(f"http {url.path} answered")
        await process.gate()
        return httpx.Response(status, headers=headers, content=body)


# -------------------------------------------------------------------------------------------------------- WebSocket


class Line:
    """One WebSocket: what is under way in both directions, in order."""

    def __init__(self, net: Net, process: Process) -> None:
        self.net, self.process = net, process
        self.transport = _Transport(self.lost, self._hold)
        self.peer = Peer(self)
        self._up: deque[Any] = deque()
        self._came = asyncio.Event()
        self._is_read = True
        self._is_over = False
        self._last_up = self._last_down = 0.0
        self._accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def open(self, url: str) -> Peer:
        parts = urlsplit(url)
        scope = {
            "type": "websocket",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(b"host", parts.netloc.encode())],
        }
        self._up.append({"type": "websocket.connect"})
        self._came.set()
        task = self.net.serve(scope, self.receive, self.send)
        task.add_done_callback(lambda _: self.lost())
        try:
            async with asyncio.timeout(10):
                await self._accepted
        except BaseException:
            self.lost()
            raise
        return self.peer

    # -- the sandbox's side -------------------------------------------------------------------------------------------

    async def receive(self) -> Message:
        while True:
            while self._up and self._is_read:
                message = self._up.popleft()
                if callable(message):  # a ping: answered by whoever reads
                    message()
                    continue
                return message
            if self._is_over:
                return {"type": "websocket.disconnect", "code": 1006}
            self._came.clear()
            await self._came.wait()

    async def send(self, message: Message) -> None:
        if self._is_over:
            raise OSError("closed")
        kind = message["type"]
        if kind == "websocket.accept":
            self._down(lambda: self._accepted.done() or self._accepted.set_result(None))
        elif kind == "websocket.close":
            code = int(message.get("code", 1000))
            self._down(lambda: self._closed(code))
        else:
            data = message.get("text") if message.get("text") is not None else message.get("bytes")
            self._down(lambda: self.peer.hear(data))

    def _hold(self, held: bool) -> None:
        self._is_read = not held
        self._came.set()
        if not held:
            self._answer_pings()

    def _answer_pings(self) -> None:
        """Pings are the protocol's: answered as soon as they are read, whatever the application does."""
        if self._is_read:
            for ping in [one for one in self._up if callable(one)]:
                self._up.remove(ping)
                ping()

    # -- the product's side -------------------------------------------------------------------------------------------

    def write(self, message: Any) -> None:
        self._last_up = max(self.net.loop.time() + self.net.delay(), self._last_up)
        self.net.loop.call_at(self._last_up, self._arrive, message)

    def _arrive(self, message: Any) -> None:
        if self._is_over:
            return
        self._up.append(message)
        self._came.set()
        self._answer_pings()

    def _down(self, act: Callable[[], object]) -> None:
        self._last_down = max(self.net.loop.time() + self.net.delay(), self._last_down)
        self.net.loop.call_at(self._last_down, self._tell, act)

    def _tell(self, act: Callable[[], object]) -> None:
        if not self._is_over:
            act()

    def _closed(self, code: int) -> None:
        self.peer.close_code = code
        self.lost()

    def leave(self, code: int) -> None:
        """The product closes it: the sandbox reads what came before, then the farewell."""
        self.write({"type": "websocket.disconnect", "code": code})

    def lost(self) -> None:
        """Both ends are told by their own systems."""
        if self._is_over:
            return
        self._is_over = True
        self._came.set()
        if not self._accepted.done():
            self._accepted.set_exception(OSError("hung up"))
            self._accepted.exception()
        self.peer.ended()
        self.net.forget(self)


class Peer:
    """What the gateways use of `websockets.ClientConnection`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.state = State.OPEN
        self.close_code: int | None = None
        self.transport = _Transport(line.lost)
        self._frames: deque[str | bytes] = deque()
        self._came = asyncio.Event()
        self._pings: set[asyncio.Future[None]] = set()

    def _error(self) -> ConnectionClosedOK | ConnectionClosedError:
        if self.close_code in (1000, 1001):
            return ConnectionClosedOK(Close(self.close_code, ""), None)
        return ConnectionClosedError(None, None)

    async def send(self, data: str | bytes) -> None:
        process = self._line.process
        process.passes("frame leaves")
        await process.gate()
        if self.state is not State.OPEN:
            raise self._error()
        kind = "text" if isinstance(data, str) else "bytes"
        self._line.write({"type": "websocket.receive", kind: data})
        await asyncio.sleep(0)
        process.passes("frame left")
        await process.gate()

    def hear(self, data: str | bytes) -> None:
        self._frames.append(data)
        self._came.set()

    def __aiter__(self) -> Peer:
        return self

    async def __anext__(self) -> str | bytes:
        while True:
            await self._line.process.gate()
            if self._frames:
                return self._frames.popleft()
            if self.state is not State.OPEN:
                error = self._error()
                raise StopAsyncIteration if isinstance(error, ConnectionClosedOK) else error
            self._came.clear()
            await self._came.wait()

    async def ping(self) -> asyncio.Future[None]:
        await self._line.process.gate()
        if self.state is not State.OPEN:
            raise self._error()
        pong: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pings.add(pong)
        pong.add_done_callback(self._pings.discard)

        def answered() -> None:
            self._line._down(lambda: pong.done() or pong.set_result(None))

        self._line.write(answered)
        return pong

    async def close(self) -> None:
        if self.state is not State.OPEN:
            return
        self.state = State.CLOSING
        self._line.leave(1000)
        try:
            async with asyncio.timeout(2):  # the gateways' close_timeout
                while self._line.peer.state is not State.CLOSED:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            self._line.lost()

    def ended(self) -> None:
        self.state = State.CLOSED
        self._came.set()
        for pong in list(self._pings):
            if not pong.done():
                pong.set_exception(self._error())
                pong.exception()
