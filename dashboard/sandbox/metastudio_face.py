"""MetaStudio as the sandbox shows it: one call from its path to its answer, the RTC stand-in, and what is saved."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.http import Request, Response, Socket
from dashboard.sandbox.metastudio_gate import Gate
from dashboard.sandbox.metastudio_newer import NewerCalls
from dashboard.sandbox.metastudio_routes import make_routes
from dashboard.sandbox.metastudio_rtsa import ENDPOINT, CommandChannel
from dashboard.sandbox.metastudio_rtsa import PATH as RTC_PATH
from dashboard.sandbox.metastudio_switches import Switches
from dashboard.sandbox.metastudio_wire import (
    NOT_FOUND,
    Call,
    Refused,
    book,
    fault_answer,
    read_body,
    read_query,
    refusal,
)
from dashboard.sandbox.metastudio_world import VENDOR, MetaStudioWorld
from dashboard.sandbox.world import World

PREFIXES = ("/v1/", "/v1.0/", "/v2/", "/v3/", "/sandbox/rtc/")
# A78: a caller may bring the id of its request; else one is made up.
TRACE = re.compile(r"[\w.:-]{1,64}")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


class MetaStudioFace:
    vendor = VENDOR

    def __init__(self, world: World) -> None:
        self._world = world
        self.model = MetaStudioWorld(world)
        self.gate = Gate(world)
        self.switches = Switches(self.model, self.gate.keys)
        self.routes = make_routes(self.model, self.gate.keys)
        self.newer = NewerCalls(self.model)
        self.channel = CommandChannel(self.model, self.gate.keys)
        world.faults.on_add.append(self._on_fault)

    # --- HTTP ------------------------------------------------------------------------------------------------------

    def locate(self, request: Request) -> Target | None:
        path = request.path
        if self.switches.has(path):
            # Faults of the vendor must not keep anybody from its switches.
            return Target("control")
        if not path.startswith(PREFIXES):
            return None
        if RTC_PATH.fullmatch(path):
            job = self.channel.job_of(path)
            return Target(VENDOR, ENDPOINT, job.job_id if job else None)
        if (of_tokens := self.gate.iam.endpoint_of(path)) is not None:
            return Target(VENDOR, of_tokens)
        found = book().match(request.method, path_of(request))
        return Target(VENDOR, found[0].id, found[1].get("job_id")) if found else Target(VENDOR)

    async def http(self, request: Request) -> Response | None:
        if self.switches.has(request.path):
            return self.switches.answer(request)
        if RTC_PATH.fullmatch(request.path):
            return None
        try:
            answer = await self._answer(request)
        except Refused as refused:
            answer = refusal(refused)
        traced = request.headers.get("x-request-id", "")
        if not TRACE.fullmatch(traced):
            return answer
        return replace(answer, headers={**answer.headers, "X-Request-Id": traced})

    async def _answer(self, request: Request) -> Response:
        if self.gate.iam.endpoint_of(request.path) is not None:
            return self.gate.iam.answer(request)
        if (newer := self.newer.match(request, path_of(request))) is not None:
            answer, raw = newer
            self.gate.admit(request, book().endpoint("execute_smart_live_command"), raw, self.model.config["region"])
            return answer(request, raw, self._catch_up())
        found = book().match(request.method, path_of(request))
        if found is None:
            self.gate.iam.check(request)
            known = any(book().match(method, path_of(request)) for method in METHODS)
            raise Refused(("MSS.00000002", 405) if known else NOT_FOUND)
        endpoint, encoded = found
        values = {name: unquote(value) for name, value in encoded.items()}
        self.gate.admit(request, endpoint, values, self.model.config["region"])
        query, body = read_query(endpoint, request), read_body(endpoint, request)
        handler = self.routes.get((endpoint.method, endpoint.path))
        if handler is None:
            # Table 10-1: "The server does not support the functionality required".
            raise Refused(("MSS.00000004", 501), detail="the sandbox does not play this part of the API yet")
        if endpoint.id == "execute_smart_live_command" and body["command"] == "INSERT_PLAY_AUDIO":
            await self.model.audio.measure(str((body.get("params") or {}).get("audio_url") or ""))
        return handler(Call(endpoint, values, query, body, request, self._catch_up()))

    def _catch_up(self) -> float:
        """The present moment; what fell due since the world was last looked at comes first."""
        at = self._world.clock.now()
        self.model.advance(at)
        return at

    async def websocket(self, socket: Socket) -> bool:
        if not RTC_PATH.fullmatch(socket.request.path) or not self.model.config["command_channel"]:
            return False
        await self.channel.serve(socket)
        return True

    def fault_answer(self, status: int, params: dict[str, Any]) -> Response:
        return fault_answer(status, params)

    def _on_fault(self, fault: Fault) -> None:
        if fault.kind == "expire_tokens" and fault.vendor in (None, VENDOR):
            if fault.vendor == VENDOR:
                self._world.faults.take("expire_tokens", Target(VENDOR))
            self.gate.expire_all()
            self.channel.expire_all()

    # --- the world -------------------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        self.model.advance(now)
        self.channel.check_timers()

    def overview(self) -> dict[str, Any]:
        return self.model.overview(self.channel.count)

    def snapshot(self) -> dict[str, Any]:
        return {**self.model.snapshot(), **self.gate.snapshot()}

    def restore(self, saved: dict[str, Any]) -> None:
        self.model.restore(saved)
        self.gate.restore(saved)

    def reset(self) -> None:
        self.model.reset()
        self.gate.reset()


def path_of(request: Request) -> str:
    """As it came, without the slash that some signers add."""
    return re.sub(r"/+$", "", request.raw_path)
