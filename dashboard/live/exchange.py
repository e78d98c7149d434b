"""Carries notices between processes by the channel layer: one subscription per process, wake-ups with numbers only.

What is lost here costs a second: the hub compares sequences and the relay looks for due commands once a second. So a
layer that is down is said once and never in anybody's way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings

from dashboard.events import notices
from dashboard.events.notices import Notice
from dashboard.lib import clock, shapes

logger = logging.getLogger(__name__)

GROUP = "talkback.notices"
#: A send that takes longer is given up: what it says is old by then.
SEND_WITHIN_S = 1.0
#: Every process hears itself so often, so that it knows that the layer lives.
PROBE_EVERY_S = 2.0
AGAIN_S = 1.0


#: This process's own, while it runs.
_here: Exchange | None = None


def heard_at() -> float | None:
    """When this process last heard anything by the layer (monotonic seconds); None: never, or it does not listen."""
    return _here.heard_at if _here is not None else None


@contextlib.asynccontextmanager
async def exchanging() -> AsyncIterator[Exchange | None]:
    """This process's exchange, while the block runs; None where there is only one process."""
    if not settings.REDIS_URL:
        yield None
        return
    global _here
    _here = exchange = Exchange(get_channel_layer())
    task = asyncio.create_task(exchange.run(), name="exchange")
    try:
        yield exchange
    finally:
        _here = None
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Exchange:
    """`heard_at` is when this process last heard anything by the layer, itself too; monotonic seconds."""

    def __init__(self, layer: BaseChannelLayer) -> None:
        self._layer = layer
        self._name = uuid4().hex
        #: The newest of each topic since the last send.
        self._waiting: dict[str, Notice] = {}
        self._called = asyncio.Event()
        self._is_down = False
        self.heard_at: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        stop = notices.forward(self._take)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_sending())
                group.create_task(self._keep_receiving())
                group.create_task(self._keep_probing())
        finally:
            stop()

    def _take(self, notice: Notice) -> None:
        before = self._waiting.get(notice.topic)
        if before is not None and before.is_urgent and not notice.is_urgent:
            notice = Notice(notice.topic, max(before.seq, notice.seq))
        self._waiting[notice.topic] = notice
        self._called.set()

    async def _keep_sending(self) -> None:
        while True:
            await self._called.wait()
            self._called.clear()
            told, self._waiting = list(self._waiting.values()), {}
            await self._send(told)

    async def _keep_probing(self) -> None:
        while True:
            await self._send([])
            await asyncio.sleep(PROBE_EVERY_S)

    async def _send(self, told: list[Notice]) -> None:
        message = {"type": "notices", "by": self._name, "told": msgspec.to_builtins(told)}
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await self._layer.group_send(GROUP, message)
        except Exception as error:  # noqa: BLE001  whatever the layer's library raises, nobody waits for it
            self._say_down(error)
        else:
            self._say_up()

    async def _keep_receiving(self) -> None:
        while True:
            try:
                channel = await self._layer.new_channel()
                await self._layer.group_add(GROUP, channel)
                while True:
                    self._hear(await self._layer.receive(channel))
            except Exception as error:  # noqa: BLE001
                self._say_down(error)
                await asyncio.sleep(AGAIN_S)

    def _hear(self, message: dict[str, object]) -> None:
        self.heard_at = clock.monotonic()
        if message.get("by") != self._name:
            notices.deliver(shapes.convert(message["told"], list[Notice]))

    def _say_down(self, error: Exception) -> None:
        if not self._is_down:
            self._is_down = True
            logger.warning("the channel layer is down, other processes hear of changes a second late: %r", error)

    def _say_up(self) -> None:
        if self._is_down:
            self._is_down = False
            logger.warning("the channel layer is back")
