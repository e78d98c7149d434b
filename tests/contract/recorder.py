"""Which documented calls, commands and frames really leave a gateway: told by the wire, not by the gateway's code."""

from __future__ import annotations

import json
from typing import Any

import httpx
from websockets.asyncio.client import connect

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.port import Vendor
from dashboard.vendors.softsugar.gateway import SoftSugarGateway
from tests.contract.conftest import Desk


class Recorder(httpx.AsyncBaseTransport):
    """A transport that hands everything on to the network, and a `connect` for sockets that does the same."""

    def __init__(self, vendor: Vendor) -> None:
        self.book = contract(vendor.value)
        self.calls: list[str] = []
        self.commands: list[str] = []
        self.frames: list[Any] = []
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        found = self.book.match(request.method, request.url.raw_path.decode().partition("?")[0])
        self.calls.append(found[0].id if found else request.url.path.rpartition("/")[2])
        if self.calls[-1] == "execute_smart_live_command":
            self.commands.append(json.loads(request.content)["command"])
        return await self._inner.handle_async_request(request)

    async def connect(self, *args: Any, **options: Any) -> Any:
        peer = await connect(*args, **options)
        send = peer.send

        async def recording(message: str | bytes) -> None:
            self.frames.append(json.loads(message) if isinstance(message, str) else message)
            await send(message)

        peer.send = recording  # type: ignore[method-assign,assignment]
        return peer

    async def aclose(self) -> None:
        await self._inner.aclose()


async def switch_on_newer_calls(desk: Desk) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.put(f"{desk.server.url}/sandbox/metastudio", json={"insert_commands": True})
    assert answer.status_code == 200


def recorded_metastudio(desk: Desk) -> tuple[MetaStudioGateway, Recorder]:
    """A gateway to the desk's sandbox that has the newer calls too."""
    recorder = Recorder(desk.vendor)
    own = desk.server.world.credentials
    # Logs in, so that the token call is among what is recorded.
    login = {"access_key": "", "secret_key": "", "token": "", "iam_url": desk.server.url, "newer_calls": True}
    login |= {"iam_user": own.iam_user, "iam_domain": own.iam_domain, "iam_password": own.iam_password}
    gateway = desk.another(**login, transport=recorder, connect=recorder.connect)
    assert isinstance(gateway, MetaStudioGateway)
    return gateway, recorder


def recorded_softsugar(desk: Desk) -> tuple[SoftSugarGateway, Recorder]:
    recorder = Recorder(desk.vendor)
    gateway = desk.another(transport=recorder, connect=recorder.connect)
    assert isinstance(gateway, SoftSugarGateway)
    return gateway, recorder
