"""The socket of one page's microphone: a ticket first, then presses as JSON and sound as binary frames."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from dashboard.lib import shapes
from dashboard.lib.errors import Refusal
from dashboard.lib.threads import in_thread
from dashboard.live.hub import access
from dashboard.live.hub.hub import CLOSE_SIGNED_OUT
from dashboard.live.talk import rows
from dashboard.live.talk.rows import Login
from dashboard.live.talk.seat import CLOSE_NONSENSE, Seat

CLOSE_TICKET = 4403
#: What a server raises where the page is gone: uvicorn's ClientDisconnected is an OSError, behind a close of its own
#: it is a RuntimeError. The page's `disconnect` ends the seat.
GONE = (OSError, RuntimeError)


class Hello(msgspec.Struct, tag_field="op", tag="hello", forbid_unknown_fields=True):
    """The first frame: the ticket that arming gave, and the language of the page."""

    ticket: str
    language: str = "en"


class Press(msgspec.Struct, tag_field="op", tag="open", forbid_unknown_fields=True):
    """Speak from now on. `key` makes a press that is sent twice one; `confirmed` is the second press of D2."""

    key: str
    confirmed: bool = False


class Release(msgspec.Struct, tag_field="op", tag="close", forbid_unknown_fields=True):
    why: str = "released"


class Alive(msgspec.Struct, tag_field="op", tag="alive", forbid_unknown_fields=True):
    pass


class Disarm(msgspec.Struct, tag_field="op", tag="disarm", forbid_unknown_fields=True):
    pass


Upward = Hello | Press | Release | Alive | Disarm
#: What a page may say of its own release.
REASONS = ("released", "hidden")


class TalkConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = ""  # nobody but its own browser talks to it: it opens while Redis is away
    seat: Seat | None = None
    login: Login | None = None
    is_disarmed = False

    async def connect(self) -> None:
        await self.accept()
        user, session = self.scope["user"], self.scope["session"]
        epoch = await in_thread(access.access_epoch, user.pk) if user.is_authenticated else None
        if epoch is None or not session.session_key:
            await self.close(code=CLOSE_SIGNED_OUT)
            return
        self.login = Login(user.pk, session.session_key, epoch)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.login is None:
            return
        if bytes_data is not None:
            if self.seat is not None:
                self.seat.seen()
                await self.seat.sound(bytes_data)
            return
        try:
            frame = shapes.decode(text_data or "", Upward)
        except shapes.UNREADABLE:
            await self.close(code=CLOSE_NONSENSE)
            return
        await self._take(frame)

    async def _take(self, frame: Upward) -> None:
        if isinstance(frame, Hello):
            await self._join(frame)
        elif self.seat is None:
            await self.close(code=CLOSE_NONSENSE)
        else:
            self.seat.seen()
            if isinstance(frame, Press):
                await self.seat.press(frame.key[:64], confirmed=frame.confirmed)
            elif isinstance(frame, Release):
                await self.seat.end(frame.why if frame.why in REASONS else "released")
            elif isinstance(frame, Disarm):
                self.is_disarmed = True
                await self.close()

    async def _join(self, hello: Hello) -> None:
        if self.login is None or self.seat is not None:
            await self.close(code=CLOSE_NONSENSE)
            return
        known = {code for code, _ in settings.LANGUAGES}
        language = hello.language if hello.language in known else "en"
        job_id = int(self.scope["url_route"]["kwargs"]["job"])
        try:
            joined = await in_thread(rows.join, self.login, hello.ticket, job_id, language)
        except Refusal as refusal:
            await self._send({"t": "refused", "why": refusal.code or "ticket", "text": refusal.message})
            await self.close(code=CLOSE_TICKET)
            return
        self.seat = Seat(self.login, joined, self._send, self._close)
        await self.seat.take()

    async def _send(self, frame: dict[str, Any]) -> None:
        with suppress(*GONE):
            await self.send(text_data=json.dumps(frame, ensure_ascii=False))

    async def _close(self, code: int) -> None:
        with suppress(*GONE):
            await self.close(code=code)

    async def disconnect(self, code: int) -> None:
        if self.seat is not None:
            await self.seat.leave("" if self.is_disarmed else "page_gone")
