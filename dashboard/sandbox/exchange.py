"""One HTTP exchange with a face, with every fault of the transport applied around it, the same for both vendors."""

from __future__ import annotations

import asyncio

from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.http import Receive, Request, Response
from dashboard.sandbox.world import Face, World

HOLD_S = 120.0


class HangUp(Exception):
    """Cut the connection instead of answering."""


class Exchange:
    def __init__(self, world: World) -> None:
        self._world = world
        self._holding: set[asyncio.Task[None]] = set()

    async def run(self, face: Face, target: Target, request: Request, receive: Receive) -> Response | None:
        faults = self._world.faults
        await self._before(target, receive)
        if (outage := faults.take("outage", target)) is not None:
            if outage.params.get("hang_up"):
                raise HangUp
            return face.fault_answer(int(outage.params.get("status", 503)), outage.params)
        late = self._peek_after("error", target)
        if late is None and (error := faults.take("error", target)) is not None:
            return _wrong(face, error)
        silent = faults.peek("timeout_after", target)
        hung = self._peek_after("refuse", target)
        response = await face.http(request)
        if response is None:
            return None
        await faults.wait_thawed(target)
        if silent is not None and faults.take("timeout_after", target):
            await self._hold(receive)
        if hung is not None and faults.take("refuse", target):
            raise HangUp
        if late is not None and faults.take("error", target):
            return _wrong(face, late)
        return response

    async def before_socket(self, target: Target) -> None:
        """What may keep a handshake from being answered."""
        faults = self._world.faults
        await faults.wait_thawed(target)
        if latency := faults.take("latency", target):
            await self._world.clock.source.sleep(float(latency.params.get("seconds", 1.0)))
        if faults.take("refuse", target) or faults.take("outage", target):
            raise HangUp

    async def _before(self, target: Target, receive: Receive) -> None:
        faults = self._world.faults
        await faults.wait_thawed(target)
        if latency := faults.take("latency", target):
            await self._world.clock.source.sleep(float(latency.params.get("seconds", 1.0)))
        refuse = faults.peek("refuse", target)
        if refuse is not None and not refuse.params.get("after") and faults.take("refuse", target):
            raise HangUp
        if faults.take("timeout_before", target):
            await self._hold(receive)

    def _peek_after(self, kind: str, target: Target) -> Fault | None:
        fault = self._world.faults.peek(kind, target)
        return fault if fault is not None and fault.params.get("after") else None

    async def _hold(self, receive: Receive) -> None:
        """Say nothing until the client gives up."""
        waiting = asyncio.ensure_future(_until_gone(receive))
        self._holding.add(waiting)
        try:
            await asyncio.wait([waiting], timeout=HOLD_S)
        finally:
            waiting.cancel()
            self._holding.discard(waiting)
        raise HangUp

    def let_go(self) -> None:
        """The sandbox stops: nobody is held any longer."""
        for waiting in list(self._holding):
            waiting.cancel()


def _wrong(face: Face, fault: Fault) -> Response:
    return face.fault_answer(int(fault.params.get("status", 500)), fault.params)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
