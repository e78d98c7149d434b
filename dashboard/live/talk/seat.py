"""One page with an armed microphone: its floor, its line to the relay, and when it is no longer alive.

Nothing here trusts the page: frames are checked, a silence of 20 s is heard here, and a page that says nothing for
1.5 s is gone, with its voice and its floor.
"""

from __future__ import annotations

import asyncio
import logging
from array import array
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import OperationalError

from dashboard.events import notices
from dashboard.lib import clock
from dashboard.lib.errors import Refusal
from dashboard.lib.threads import in_thread
from dashboard.live.relay.told import Told
from dashboard.live.talk import rows, words
from dashboard.live.talk.line import Line, open_line
from dashboard.live.talk.rows import Joined, Login
from dashboard.takeover.floor import RENEW_EVERY_S
from dashboard.vendors.port import LARGEST_SOUND

logger = logging.getLogger(__name__)

#: A page sends something every 0.4 s; after this it is gone, so that its voice ends within two seconds.
DEAD_AFTER_S = 1.5
LOOK_EVERY_S = 0.25
#: Nobody speaks: no sample of a frame is louder than 1 % of full scale (-40 dBFS).
SILENT_AFTER_S = 20.0
QUIET_PEAK = 328
CLOSE_FLOOR, CLOSE_DEAD, CLOSE_ACCESS, CLOSE_NONSENSE = 4409, 4408, 4403, 4400

Send = Callable[[dict[str, Any]], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


def is_sound(frame: bytes) -> bool:
    """Signed 16 bit samples, in a frame that both vendors take (004:213)."""
    return 0 < len(frame) <= LARGEST_SOUND and len(frame) % 2 == 0


def is_loud(frame: bytes) -> bool:
    samples = array("h", frame)
    return max(samples) > QUIET_PEAK or min(samples) < -QUIET_PEAK


class Seat:
    def __init__(self, login: Login, joined: Joined, send: Send, close: Close) -> None:
        self._login = login
        self._joined = joined
        self._send = send
        self._close = close
        self._line: Line | None = None
        self._trace_id = self._key = ""
        #: Of the press that is on: sound counts, and has to come.
        self._is_speaking = False
        self._seen_at = self._loud_at = clock.monotonic()
        self._moved = asyncio.Event()
        self._telling: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] = lambda: None
        self._is_left = False

    async def take(self) -> None:
        """Arm: everything that a press needs is ready from here on."""
        self._line = await open_line(self._joined.job.pk, self._tell)
        topic = self._joined.job.topic
        self._stop_listening = notices.listen(lambda notice: self._moved.set() if notice.topic == topic else None)
        self._watch = asyncio.create_task(self._keep(), name=f"seat:{self._joined.job.pk}")
        await self._send({"t": "armed", "line": self._line is not None})

    def seen(self) -> None:
        self._seen_at = clock.monotonic()

    async def press(self, key: str, *, confirmed: bool) -> None:
        """The page's own `key` comes back in all that is told of this press: the next may begin before that arrives."""
        await self.end("released")  # a page that lost the end of the one before
        if self._line is None or not self._line.is_open:
            self._line = await open_line(self._joined.job.pk, self._tell)
        if self._line is None:
            await self._refuse(key, "relay", words.no_relay(self._joined.language))
            return
        try:
            trace_id = await in_thread(rows.press, self._joined, key, confirmed=confirmed)
        except Refusal as refusal:
            await self._refuse(key, refusal.code or "refused", refusal.message)
            return
        self._trace_id, self._key = trace_id, key
        self._is_speaking = True
        self._loud_at = clock.monotonic()
        await self._line.begin(self._trace_id)
        await self._send({"t": "opening", "press": key})

    async def _refuse(self, key: str, why: str, text: str) -> None:
        await self._send({"t": "refused", "press": key, "why": why, "text": text})

    async def sound(self, frame: bytes) -> None:
        if not is_sound(frame):
            await self.end("frame")
            await self._close(CLOSE_NONSENSE)
            return
        if not self._is_speaking or self._line is None:
            return
        if is_loud(frame):
            self._loud_at = clock.monotonic()
        await self._line.sound(frame)

    async def end(self, why: str) -> None:
        if self._is_speaking and self._line is not None:
            self._is_speaking = False
            await self._line.end(why)

    async def leave(self, why: str) -> None:
        """The socket is gone, or the person disarmed: the voice ends and the floor is free."""
        if self._is_left:
            return
        self._is_left = True
        self._stop_listening()
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
        await self.end("page_gone")
        if self._line is not None:
            await self._line.close()
        await in_thread(rows.leave, self._joined, why)

    # ------------------------------------------------------------------------------------------------- what is told

    def _tell(self, told: Told) -> None:
        task = asyncio.get_running_loop().create_task(self._pass_on(told))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _pass_on(self, told: Told) -> None:
        is_of_now = told.trace_id == self._trace_id
        press = {"press": self._key} if is_of_now else {}
        if not is_of_now and told.what != "over":
            return  # the page speaks again: only how the press before it ended is still worth knowing
        if is_of_now and told.what in ("ended", "refused", "over"):
            self._is_speaking = False
        if told.what == "over" and told.why == "relay":
            await in_thread(rows.line_lost, told.trace_id)
        if not self._is_left:
            await self._send(words.frame_of(told, self._joined.language) | press)

    # -------------------------------------------------------------------------------------------- whether it is alive

    async def _keep(self) -> None:
        renewed_at = 0.0
        while True:
            now = clock.monotonic()
            if now - self._seen_at > DEAD_AFTER_S:
                return await self._over(CLOSE_DEAD, "page_gone")
            if self._is_speaking and now - self._loud_at > SILENT_AFTER_S:
                await self.end("silence")
            if now - renewed_at > RENEW_EVERY_S or self._moved.is_set():
                self._moved.clear()
                renewed_at = now
                if (code := await self._check()) is not None:
                    return await self._over(code, "page_gone")
            await clock.current().sleep(LOOK_EVERY_S)

    async def _check(self) -> int | None:
        """Why this page may no longer speak, as the code its socket closes with; None while it may."""
        try:
            if not await in_thread(rows.renew, self._joined):
                await self._send({"t": "ended", "why": "floor", "text": words.ended("floor", self._joined.language)})
                return CLOSE_FLOOR
            if not await in_thread(rows.still_may, self._login, self._joined):
                await self._send({"t": "ended", "why": "access", "text": words.ended("access", self._joined.language)})
                return CLOSE_ACCESS
        except OperationalError:
            logger.warning("the floor of job %s could not be renewed, it is tried again", self._joined.job.pk)
        return None

    async def _over(self, code: int, why: str) -> None:
        try:
            await self.leave(why)
        finally:
            await self._close(code)  # a page that can't be heard must not look armed
