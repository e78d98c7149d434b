"""The browser's one WebSocket: it subscribes to topics and hears of them. Commands are POSTs, never frames."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from dashboard.lib import shapes
from dashboard.lib.threads import in_thread
from dashboard.live.hub import access
from dashboard.live.hub.client import Client
from dashboard.live.hub.frames import Variant
from dashboard.live.hub.hub import CLOSE_SIGNED_OUT, hub, run_writer
from dashboard.live.hub.wire import EXTENSION, FrameSocket

MOST_TOPICS = 256
CLOSE_NONSENSE = 4400
VIEWS = frozenset(
    {
        "wall",
        "rooms",
        "desk",
        "takeovers",
        "jobs",
        "job",
        "rule_log",
        "script",
        "steer",
        "vendors",
        "vendor",
        "team",
        "other",
    }
)


class Upward(msgspec.Struct, forbid_unknown_fields=True):
    """All that a browser may say."""

    op: Literal["hello", "sub", "unsub"]
    topics: dict[str, int] | list[str] = {}
    view: str = "other"
    language: str = "en"


class LiveConsumer(AsyncWebsocketConsumer):
    # The hub tells it, not the layer: with one, each socket would be a subscription, and none opened without Redis.
    channel_layer_alias = ""
    client: Client | None = None
    writer: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # Accept first: a refused handshake is 1006 to a browser, which would then retry for ever.
        await self.accept()
        user, session = self.scope["user"], self.scope["session"]
        if not user.is_authenticated or not session.session_key:
            await self.close(code=CLOSE_SIGNED_OUT)
            return
        epoch = await in_thread(access.access_epoch, user.pk)
        if epoch is None:
            await self.close(code=CLOSE_SIGNED_OUT)
            return
        loop = asyncio.get_running_loop()
        self.client = Client(
            user_id=user.pk,
            session_key=session.session_key,
            access_epoch=epoch,
            teams=await in_thread(access.memberships, user.pk),
            close=lambda code: loop.call_soon(self._close_soon, code),
            variant=Variant("other", "en"),
            wire=self.wire(),
        )
        hub.add(self.client)
        if self.client.wire is None:
            self.writer = asyncio.create_task(run_writer(self.client, self._send), name=f"socket:{user.pk}")

    def wire(self) -> FrameSocket | None:
        """The server's own way for frames; None on servers that have none."""
        extensions = self.scope.get("extensions") or {}
        found = extensions.get(EXTENSION)
        return found if isinstance(found, FrameSocket) else None

    async def _send(self, text: str) -> None:
        await self.send(text_data=text)

    def _close_soon(self, code: int) -> None:
        if self.client is None or self.client.is_closed:
            return
        self.client.end()
        wire = self.client.wire
        if wire is not None and not wire.is_free:
            wire.cut()  # ASGI would wait until this browser reads again, which it may never do
        else:
            self._closing = asyncio.ensure_future(self.close(code=code))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.client is None:
            return
        try:
            frame = shapes.decode(text_data or "", Upward)
        except shapes.UNREADABLE:
            await self.close(code=CLOSE_NONSENSE)
            return
        if frame.op == "unsub":
            hub.unsubscribe(self.client, list(frame.topics))
            return
        if len(frame.topics) + len(self.client.topics) > MOST_TOPICS or isinstance(frame.topics, list):
            await self.close(code=CLOSE_NONSENSE)
            return
        if frame.op == "hello":
            hub.unsubscribe(self.client, list(self.client.topics))  # a page is of one kind
            known = {code for code, _ in settings.LANGUAGES}
            language = frame.language if frame.language in known else "en"
            self.client.variant = Variant(frame.view if frame.view in VIEWS else "other", language)
        await hub.subscribe(self.client, frame.topics)

    async def disconnect(self, code: int) -> None:
        if self.client is not None:
            self.client.end()
            hub.remove(self.client)
        if self.writer is not None:
            self.writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self.writer
