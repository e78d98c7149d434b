"""One press of a microphone: from its takeover's row to the vendor's word that it was heard. See docs/microphone.md."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec
from django.db import OperationalError

from dashboard.events import notices
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import sound, voice_claims
from dashboard.live.relay.keeper import Keeper, end_task, wait_for
from dashboard.live.relay.outcomes import voices
from dashboard.live.relay.sound_buffer import SoundBuffer
from dashboard.live.relay.told import NO_LINK, NO_SOUND, Tell, Told, conflict, not_heard, not_known, refused
from dashboard.vendors.port import Accepted, Gateway, Link, NotSent, Rejected, Unknown, VendorError

logger = logging.getLogger(__name__)

#: How long what is cancelled first may take to leave the vendor's queue.
CLEARS_WITHIN_S = 5.0
#: How often the rows are looked at where no notice told that they moved.
LOOK_EVERY_S = 0.5
LOOK_SOON_S = 0.05
#: Sound that stays away so long, though nobody ended it, means that whoever sends it is gone.
QUIET_LINE_S = 2.0
CONFIRMED_WITHIN_S = 20.0


class Talk:
    """`run` carries it through; meanwhile `feed` brings sound and `end` says that there is no more."""

    def __init__(
        self, job_id: int, trace_id: str, keeper: Keeper, gateway: Gateway, link: Callable[[], Link | None], tell: Tell
    ) -> None:
        self.trace_id = trace_id
        self._job_id = job_id
        self._keeper = keeper
        self._gateway = gateway
        self._link = link
        self._pass_on = tell
        self._buffer = SoundBuffer()
        self._told_dropped = 0
        self._has_told_end = False
        self._heard_at = clock.monotonic()
        self._look = asyncio.Event()
        self._voice: sound.Voice | None = None
        #: Notes that the first sound has left; whether that was recorded.
        self._noting: asyncio.Task[bool] | None = None
        #: Why no more sound goes out; empty while it does.
        self._why = ""

    def feed(self, frame: bytes) -> None:
        self._heard_at = clock.monotonic()
        self._buffer.put(frame)
        if self._buffer.dropped_ms - self._told_dropped >= 200:
            self._tell_dropped()

    def end(self, why: str) -> None:
        """The person let go: what they said so far is still sent."""
        self._why = self._why or why
        self._buffer.close()

    async def run(self) -> None:
        stop = notices.listen(lambda notice: self._look.set() if notice.topic.startswith("room:") else None)
        watch = asyncio.create_task(self._watch(), name=f"talk:{self._job_id}")
        try:
            await self._speak()
        finally:
            stop()
            await end_task(watch)

    # --------------------------------------------------------------------------------------------------------- speaking

    async def _speak(self) -> None:
        is_free = await self._way_is_free()
        if not is_free or not await in_thread(voice_claims.claim, self.trace_id, self._keeper):
            await self._never_opened()
        elif (voice := await self._open()) is not None:
            self._tell(Told("open"))
            self._tell_dropped()
            await self._pump(voice)
            await self._finish(voice)

    async def _note_sound(self) -> bool:
        """Beside the sound, which waits for no database."""
        try:
            await in_thread(voices.accepted, self.trace_id)
        except OperationalError:
            logger.warning("that sound of microphone %s left was not noted", self.trace_id)
            return False
        return True

    async def _way_is_free(self) -> bool:
        """Nothing of ours is at a vendor that refuses a voice over it. False: it is not wanted any more."""
        deadline = clock.monotonic() + CLEARS_WITHIN_S
        if self._gateway.capabilities().voice_needs_empty_queue:
            while not self._is_silenced() and clock.monotonic() < deadline:
                if not await in_thread(voices.is_in_the_way, self.trace_id):
                    break
                self._look.clear()
                await wait_for(self._look, LOOK_SOON_S)
        return not self._is_silenced()

    async def _open(self) -> sound.Voice | None:
        """The voice that the vendor opened; None where it did not, which is recorded and told."""
        deadline = clock.monotonic() + CLEARS_WITHIN_S
        while (link := self._link()) is not None:
            voice = self._voice = sound.Voice(self._job_id, link, self.trace_id, self._keeper.alive)
            opened = await voice.open()
            if isinstance(opened, Accepted):
                return voice
            if isinstance(opened, Unknown):
                await self._is_lost(opened.why)
                return None
            if isinstance(opened, Rejected) or opened.why != "busy" or self._why or clock.monotonic() > deadline:
                await self._was_refused(opened.error if isinstance(opened, Rejected) else conflict())
                return None
            await clock.current().sleep(LOOK_SOON_S * 3)
        await self._was_refused(NO_LINK)
        return None

    async def _pump(self, voice: sound.Voice) -> None:
        while not voice.is_over and (frame := await self._buffer.get()) is not None:
            if not isinstance(await voice.send(frame), Accepted):
                return
            if self._noting is None and voice.frames_sent:
                self._noting = asyncio.create_task(self._note_sound(), name=f"sound:{self._job_id}")

    async def _finish(self, voice: sound.Voice) -> None:
        """Say that this was all, and wait until the vendor has said so of what was heard."""
        self._why = self._why or ("link" if voice.is_lost else "stopped")
        self._buffer.close(at_once=True)
        self._tell_dropped()  # what was too late since, though it was little
        self._tell_ended(self._why)
        ended = await voice.end()
        if self._noting is not None and not await self._noting:
            await in_thread(voices.accepted, self.trace_id)  # without it nobody could say that it was heard
        if not voice.frames_sent and not self._is_silenced():
            await in_thread(voices.without_sound, self.trace_id, NO_SOUND)
            self._tell(refused(NO_SOUND, self._gateway.vendor))
            return
        if isinstance(ended, Unknown | NotSent):
            await self._is_lost("link_lost")
            return
        await in_thread(voices.ended, self.trace_id, cancelled=self._why == "silenced")
        await self._confirmed()

    async def _confirmed(self) -> None:
        deadline = clock.monotonic() + CONFIRMED_WITHIN_S
        while True:
            self._look.clear()
            found = await in_thread(voices.standing, self.trace_id)
            if found.is_over or clock.monotonic() > deadline:
                break
            await wait_for(self._look, LOOK_EVERY_S)
        self._tell(Told("over", why=self._why, state=found.state) if found.is_over else not_known(self._why))

    # --------------------------------------------------------------------------------------------------- where it fails

    async def _never_opened(self) -> None:
        await in_thread(voices.taken_back, self.trace_id)
        self._tell_ended(self._why or "overtaken")
        self._tell(not_heard(self._why or "overtaken"))

    async def _was_refused(self, error: VendorError) -> None:
        self._buffer.close(at_once=True)
        await in_thread(voices.refused, self.trace_id, error)
        self._tell(refused(error, self._gateway.vendor))

    async def _is_lost(self, why: str) -> None:
        self._buffer.close(at_once=True)
        await in_thread(voices.broken, self.trace_id, why)
        self._tell_ended(self._why or "link")
        self._tell(not_known(why))

    # ------------------------------------------------------------------------------------------- whether it still may

    def _is_silenced(self) -> bool:
        return self._why in ("silenced", "floor", "stopped")

    def _tell(self, told: Told) -> None:
        self._pass_on(msgspec.structs.replace(told, trace_id=self.trace_id))

    def _tell_ended(self, why: str) -> None:
        if not self._has_told_end:
            self._has_told_end = True
            self._tell(Told("ended", why=why))

    def _tell_dropped(self) -> None:
        if self._buffer.dropped_ms > self._told_dropped:
            self._told_dropped = self._buffer.dropped_ms
            self._tell(Told("dropped", ms=self._told_dropped))

    async def _watch(self) -> None:
        """A silence, a cancel, another floor: told by a notice, seen in the rows at the latest half a second later."""
        while True:
            await wait_for(self._look, LOOK_EVERY_S)
            self._look.clear()
            if not self._why and clock.monotonic() - self._heard_at > QUIET_LINE_S:
                self.end("quiet_line")
            try:
                found = await in_thread(voices.standing, self.trace_id)
            except OperationalError:
                continue  # the database is away; the sound is not
            if found.is_wanted or self._is_silenced():
                continue
            self._why = found.why
            self._buffer.close(at_once=True)
            if self._voice is not None:
                self._voice.stop()
