"""SoftSugar as the sandbox shows it: paths, HTTP, the takeover socket and the status callbacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.sandbox import softsugar_wire as wire
from dashboard.sandbox.callbacks import Callback
from dashboard.sandbox.faults import CONTROL, Target
from dashboard.sandbox.http import Request, Response, Socket, json_response
from dashboard.sandbox.softsugar_http import SoftSugarHttp
from dashboard.sandbox.softsugar_socket import ENDPOINT, PATH, SoftSugarSockets
from dashboard.sandbox.softsugar_switches import SETTINGS_PATH, Switches
from dashboard.sandbox.softsugar_world import VENDOR, SoftSugarWorld
from dashboard.sandbox.world import World
from dashboard.vendors.contract.catalogue import contract

PREFIXES = ("/api/2dvh/", "/api/live-takeover-cc/")
METHODS = ("GET", "POST")


class SoftSugarFace:
    vendor = VENDOR

    def __init__(self, world: World) -> None:
        self.model = SoftSugarWorld(world)
        self._world = world
        self._http = SoftSugarHttp(self.model)
        self._sockets = SoftSugarSockets(self.model)
        self._switches = Switches(self.model)
        world.callbacks.signers[VENDOR] = self._sign

    def locate(self, request: Request) -> Target | None:
        if request.path == SETTINGS_PATH:
            return Target(CONTROL)
        if not request.path.startswith(PREFIXES):
            return None
        if request.path == PATH:
            return Target(VENDOR, ENDPOINT, request.value("sessionId") or None)
        found = contract(VENDOR).match(request.method, request.path)
        return Target(VENDOR, found[0].id if found else None, _session_of(request))

    async def http(self, request: Request) -> Response | None:
        if request.path == SETTINGS_PATH:
            return self._switches.answer(request)
        found = contract(VENDOR).match(request.method, request.path)
        if found is None:
            others = [method for method in METHODS if contract(VENDOR).match(method, request.path)]
            status = 405 if others else 404
            return wire.refused(status, "请求方法不支持" if others else "接口不存在", status=status)
        return self._http.answer(request, found[0])

    async def websocket(self, socket: Socket) -> bool:
        if socket.request.path != PATH:
            return False
        await self._sockets.serve(socket)
        return True

    def fault_answer(self, status: int, params: dict[str, Any]) -> Response:
        body = params.get("body", {"code": params.get("code", status), "message": params.get("message", "系统异常")})
        return json_response(body, status)

    def advance(self, now: float) -> None:
        self.model.advance(now)

    def set_callbacks(self, settings: dict[str, Any]) -> None:
        """One address per account, told to the vendor's staff; here to the control API (004:1123)."""
        self.model.callback_url = str(settings.get("url") or "")
        self.model.auth_key = str(settings.get("auth_key") or "")
        self._world.touch()

    def _sign(self, callback: Callback, wall: datetime) -> tuple[str, dict[str, str]]:
        if not self.model.auth_key:
            return callback.url, {}
        timestamp = str(round(wall.timestamp() * 1000))
        signature = wire.signature(self.model.auth_key, timestamp, callback.body.encode())
        return callback.url, {"timestamp": timestamp, "signature": signature}

    def overview(self) -> dict[str, Any]:
        return self.model.overview(self._sockets.count)

    def snapshot(self) -> dict[str, Any]:
        return self.model.snapshot()

    def restore(self, saved: dict[str, Any]) -> None:
        self.model.restore(saved)

    def reset(self) -> None:
        self.model.reset()


def _session_of(request: Request) -> str | None:
    """Whom a call concerns, for faults; a broken body concerns nobody."""
    if request.method == "GET":
        return request.value("sessionId") or None
    try:
        body = request.json()
    except ValueError:
        return None
    session = body.get("sessionId") if isinstance(body, dict) else None
    return session if isinstance(session, str) else None
