"""The sandbox as a program: raw ASGI on uvicorn, one port, both vendors and the control API.

GET /sandbox/ lists what it can do; `control.py` holds that list.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket as sockets
import sys
from collections.abc import Coroutine
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from dashboard.lib.clock import Clock, SystemClock
from dashboard.sandbox.control import Control
from dashboard.sandbox.exchange import Exchange, HangUp
from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.http import Gone, Receive, Request, Response, Scope, Send, Socket, cut, json_response
from dashboard.sandbox.listener import Listener, TooLarge, read_request, request_of
from dashboard.sandbox.metastudio_face import MetaStudioFace
from dashboard.sandbox.softsugar_face import SoftSugarFace
from dashboard.sandbox.state import StateFile
from dashboard.sandbox.world import Face, SandboxConfig, World

logger = logging.getLogger(__name__)

TICK_S = 0.02
SAVE_EVERY_S = 2.0
HALF_OPEN_S = 120.0
"""After which a half-open socket is cut: its client's own farewell is never read, so it would stay for ever."""


def make_faces(world: World) -> list[Face]:
    """The vendors this sandbox is, in the order in which they are asked for a path."""
    return [SoftSugarFace(world), MetaStudioFace(world)]


class SandboxServer:
    """`async with SandboxServer(config):` runs it in the current loop; `run()` below is the whole program."""

    def __init__(self, config: SandboxConfig, clock: Clock | None = None) -> None:
        self.config = config
        self.world = World(config, clock or SystemClock())
        self.world.faces.extend(make_faces(self.world))
        self.state = StateFile(config.folder) if config.folder is not None else None
        self.control = Control(self.world)
        self.exchange = Exchange(self.world)
        self.sockets: set[Socket] = set()
        self.world.faults.on_change.append(self._freeze_and_thaw)
        self.world.faults.on_add.append(self._act_on_new_fault)
        self._server: Listener | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._background: set[asyncio.Task[None]] = set()
        self._saves = 0
        self._is_stopped = False

    @property
    def url(self) -> str:
        return self.world.base_url

    # -- life --------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Bind, restore, serve. `config.port` 0 takes a free port; `url` says which."""
        # Only with the protocol named does asyncio switch Nagle off; else each answer waits 40 ms for an ACK.
        listener = sockets.socket(sockets.AF_INET, sockets.SOCK_STREAM, sockets.IPPROTO_TCP)
        listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        try:
            listener.bind((self.config.host, self.config.port))
        except OSError:
            listener.close()
            raise
        port = listener.getsockname()[1]
        self.config = self.world.config = replace(self.config, port=port)
        self.world.base_url = f"http://{self.config.host}:{port}"
        if self.state is not None and (saved := self.state.load()) is not None:
            self._restore(saved)
        await self._serve(listener)
        self.world.callbacks.start()
        if self.config.ticks:
            self._tasks.append(asyncio.create_task(self._tick(), name="sandbox:tick"))
        if self.state is not None:
            self._tasks.append(asyncio.create_task(self._save_often(), name="sandbox:save"))

    def _restore(self, saved: dict[str, object]) -> None:
        try:
            self.world.restore(saved)
        except (KeyError, TypeError, ValueError, AttributeError):
            logger.warning("saved state does not fit this version; starting fresh", exc_info=True)
            if self.state is not None:
                self.state.move_aside()
            self.world.reset()

    async def _serve(self, listener: sockets.socket) -> None:
        self._server = Listener(self.app)
        self._tasks.append(asyncio.create_task(self._server.serve([listener]), name="sandbox:http"))
        await self._server.is_up.wait()

    async def stop(self) -> None:
        """Save first: what was acknowledged must be there at the next start, however the sockets end."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self.save()
        for task in self._tasks[1:] + list(self._background):
            task.cancel()
        for socket in list(self.sockets):
            if socket.is_half_open:
                socket.abort()
            socket.thaw()
        self.exchange.let_go()
        if self._server is not None:
            self._server.leave()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.world.callbacks.close()
        await self.world.audience.close()

    async def __aenter__(self) -> SandboxServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def save(self) -> None:
        if self.state is not None:
            self._saves += 1
            self.state.save(self.world.snapshot(), self._saves)

    async def _save_often(self) -> None:
        seen = -1
        while self.state is not None:
            if self.world.changes != seen:
                seen = self.world.changes
                saved = self.world.snapshot()
                self._saves += 1
                await asyncio.to_thread(self.state.save, saved, self._saves)
            await asyncio.sleep(SAVE_EVERY_S)

    async def _tick(self) -> None:
        while True:
            try:
                self.world.advance()
            except Exception:
                # A bug in one session must not stop the other rooms; the log has it.
                logger.exception("the world stumbled")
                await asyncio.sleep(1.0)
            await asyncio.sleep(TICK_S)

    # -- ASGI --------------------------------------------------------------------------------------------------------

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "websocket":
                await self._websocket(scope, receive, send)
            elif scope["type"] == "http":
                await self._http(scope, receive, send)
        except asyncio.CancelledError:
            # The sandbox stops while this one hangs by a fault; its client sees the connection break.
            cut(send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await read_request(scope, receive)
        except TooLarge:
            await self._answer(json_response({"code": 413, "message": "body too large"}, 413), send)
            return
        except Gone:
            return
        try:
            self.world.advance()
        except Exception:
            # The control API must answer all the same: it is how the cause is taken back.
            logger.exception("the world stumbled")
        try:
            response = await self._respond(request, receive)
        except HangUp:
            cut(send)
            return
        except Exception:
            logger.exception("request failed method=%s path=%s", request.method, request.path)
            response = json_response({"code": 500, "message": "the sandbox has a bug; see its log"}, 500)
        await self._answer(response, send)

    async def _respond(self, request: Request, receive: Receive) -> Response:
        response = await self.control.http(request)
        if response is not None:
            return response
        for face in self.world.faces:
            target = face.locate(request)
            if target is None:
                continue
            response = await self.exchange.run(face, target, request, receive)
            if response is not None:
                return response
        return json_response({"code": 404, "message": f"no such path: {request.path}"}, 404)

    async def _answer(self, response: Response, send: Send) -> None:
        # Date is the vendor's clock, so that a skew shows where clients look for it.
        date = format_datetime(self.world.clock.wall(), usegmt=True)
        headers = {"X-Request-Id": self.world.ids.hex("request"), "Date": date, **response.headers}
        headers["Content-Length"] = str(len(response.body))
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        with contextlib.suppress(OSError):
            await send({"type": "http.response.start", "status": response.status, "headers": raw})
            await send({"type": "http.response.body", "body": response.body})

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = Socket(request_of(scope, b""), receive, send)
        self.world.advance()
        for face in self.world.faces:
            target = face.locate(socket.request)
            if target is None:
                continue
            socket.bind(target.vendor, endpoint=target.endpoint, session=target.session)
            self.sockets.add(socket)
            try:
                await self.exchange.before_socket(target)
                if await face.websocket(socket):
                    return
            except HangUp:
                cut(send)
                return
            except Gone:
                return
            finally:
                socket.is_open = False
                self.sockets.discard(socket)
        await receive()
        await send({"type": "websocket.close", "code": 4404})

    # -- faults that act on sockets ----------------------------------------------------------------------------------

    def _freeze_and_thaw(self) -> None:
        for socket in list(self.sockets):
            if self.world.faults.is_frozen(_target(socket)):
                socket.freeze()
            else:
                socket.thaw()

    def _act_on_new_fault(self, fault: Fault) -> None:
        if fault.kind == "drop_socket" and not fault.params.get("after_frame"):
            for socket in [socket for socket in self.sockets if fault.concerns(_target(socket))]:
                self._drop(socket, fault)
            self.world.faults.remove(fault.id)
        elif fault.kind == "half_open":
            dead = [socket for socket in self.sockets if socket.is_open and fault.concerns(_target(socket))]
            for socket in dead:
                socket.go_half_open()
            self.world.faults.remove(fault.id)
            self._spawn(self._cut_later(dead, float(fault.params.get("seconds", HALF_OPEN_S))))
        elif fault.kind == "refuse" and fault.params.get("listen"):
            left = fault.describe(self.world.clock.source.monotonic())["left_s"]
            self.world.faults.remove(fault.id)
            self._spawn(self._close_port(5.0 if left is None else float(left)))

    def _drop(self, socket: Socket, fault: Fault) -> None:
        if fault.params.get("abrupt"):
            socket.abort()
        else:
            self._spawn(socket.close(int(fault.params.get("code", 1011))))

    async def _cut_later(self, dead: list[Socket], seconds: float) -> None:
        await self.world.clock.source.sleep(seconds)
        for socket in dead:
            socket.abort()

    async def _close_port(self, seconds: float) -> None:
        """Only a closed port refuses a connection ("not sent" rather than "unknown"); open connections live on."""
        server = self._server
        if server is None:
            return
        for listening in server.servers:
            listening.close()
        await asyncio.sleep(seconds)
        await server.listen_again(self.config.host, self.config.port)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _target(socket: Socket) -> Target:
    return Target(socket.vendor, socket.endpoint, socket.session)


async def _main(config: SandboxConfig, quiet: bool) -> None:
    server = SandboxServer(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await server.start()
    except OSError as problem:
        raise SystemExit(f"The sandbox cannot listen on {config.host}:{config.port}: {problem.strerror}") from problem
    if not quiet:
        for name, value in server.world.credentials.lines().items():
            sys.stdout.write(f"{name}={value}\n")
        sys.stdout.write(f"Sandbox at {server.url} (what it can do: {server.url}/sandbox/)\n")
        sys.stdout.flush()
    await stop.wait()
    await server.stop()


def run(host: str = "127.0.0.1", port: int = 8900, folder: Path | None = None, *, quiet: bool = False) -> None:
    """The whole program: until SIGINT or SIGTERM, then save and leave within a second."""
    import uvloop

    config = SandboxConfig(host=host, port=port, folder=folder or Path("var/sandbox"), voices_differ=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(config, quiet))
