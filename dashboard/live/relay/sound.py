"""Sound on its way to a vendor: one voice takeover, opened, fed at the pace of speech, and ended. See docs/live.md.

Clips and open microphones use the same calls. A voice lives on one link and ends with it; it is never opened twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from weakref import WeakKeyDictionary

from dashboard.lib import clock
from dashboard.vendors.port import (
    Accepted,
    Aside,
    ConflictReport,
    Guard,
    ItemReport,
    JobReport,
    JobSays,
    Link,
    NotSent,
    Outcome,
    Rejected,
    Report,
    Step,
    Unknown,
    VoiceReport,
)

#: 16 kHz, one channel, 16 bit (004:211, B5): 40 ms each.
FRAME_BYTES, FRAME_S = 1280, 0.04
#: How long a vendor may take to say that sound may come, and that it has all of it.
OPENS_WITHIN_S = 5.0
ENDS_WITHIN_S = 5.0

Waited = Callable[[], bool]

#: A link carries one voice at a time.
_voices: WeakKeyDictionary[Link, Voice] = WeakKeyDictionary()


class Voice:
    """One voice takeover. `open`, then `send` or `feed`, then `end`; whatever happens, the last call is `end`."""

    def __init__(self, job_id: int, link: Link, trace_id: str, guard: Guard) -> None:
        self.job_id = job_id
        self.trace_id = trace_id
        self.frames_sent = 0
        #: The vendor ended it, the link is gone, or a cancel wants it silent: no further frame leaves.
        self.is_over = False
        self.is_lost = False
        #: We ended it before all of its sound had left.
        self.was_stopped = False
        self._link = link
        self._guard = guard
        self._moved = asyncio.Event()
        self._opened: Outcome[None] | None = None
        self._has_all = False

    @property
    def seconds_sent(self) -> float:
        return self.frames_sent * FRAME_S

    async def open(self) -> Outcome[None]:
        """Accepted: sound may be sent. NotSent: the vendor still plays or holds something (SoftSugar 7), or the link
        carries another voice; nothing was heard and it may be tried again."""
        if self._link in _voices:  # also one that is over, until the vendor has said so: what it says then is its own
            return NotSent("busy", detail="another voice")
        _voices[self._link] = self
        written = await self._link.begin_voice(self.trace_id, self._guard)
        if not isinstance(written, Accepted):
            self._leave()
            return written
        await self._until(lambda: self._opened is not None, OPENS_WITHIN_S)
        opened = self._opened or Unknown("timeout", "the vendor did not open its microphone")
        if not isinstance(opened, Accepted):
            self.is_over = True
            if isinstance(opened, Unknown) and not self.is_lost:
                await self._end_there()  # it may open yet: then it ends at once
            self._leave()
        return opened

    async def send(self, frame: bytes) -> Outcome[None]:
        """One frame, now. Accepted also where it was dropped because the voice is over: look at `is_over`."""
        if self.is_over:
            return Accepted(None)
        sent = await self._link.send_sound(frame, self._guard)
        if isinstance(sent, Accepted):
            self.frames_sent += 1
        else:
            self.is_over = True
        return sent

    async def feed(self, frames: Iterable[bytes]) -> Outcome[None]:
        """All frames, one each 40 ms by the clock: a late one is made up for, none leaves early."""
        began = clock.monotonic()
        for number, frame in enumerate(frames):
            wait = began + number * FRAME_S - clock.monotonic()
            if wait > 0:
                await self._until(lambda: self.is_over, wait)
            if self.is_over:
                break
            sent = await self.send(frame)
            if not isinstance(sent, Accepted):
                return sent
        return Unknown("link_lost") if self.is_lost else Accepted(None)

    async def end(self) -> Outcome[None]:
        """Tell the vendor that this was all, and wait until it says so."""
        try:
            if self.is_lost:
                return Unknown("link_lost")
            written = await self._end_there()
            if not isinstance(written, Accepted):
                return written
            await self._until(lambda: self._has_all or self.is_lost, ENDS_WITHIN_S)
            return Accepted(None) if self._has_all else Unknown("link_lost" if self.is_lost else "timeout")
        finally:
            self.is_over = True
            self._leave()

    async def _end_there(self) -> Outcome[None]:
        """What may not say the end any more ends its link, and the voice with it: else the room would stay silent."""
        written = await self._link.end_voice(self.trace_id, self._guard)
        if isinstance(written, NotSent):
            await self._link.close()
        return written

    async def say_end(self) -> Outcome[None]:
        """Tell the vendor that this was all. Said twice it changes nothing."""
        return await self._link.end_voice(self.trace_id, self._guard)

    def stop(self) -> None:
        """No further frame leaves: a cancel or a silence is on its way."""
        self.was_stopped = self.was_stopped or not self.is_over
        self.is_over = True
        self._moved.set()

    # ------------------------------------------------------------------------------------------------- what is heard

    def heard(self, report: Report | Aside) -> None:
        if isinstance(report, VoiceReport):
            if report.is_open:
                self._opened = self._opened or Accepted(None)
            else:
                self._has_all = self.is_over = True
        elif isinstance(report, JobReport) and report.says is JobSays.TAKEN_OVER:
            self._opened = self._opened or Accepted(None)  # MetaStudio says no more than that
        elif isinstance(report, ConflictReport) and self._opened is None:
            self._opened = NotSent("busy", detail="conflict")
        elif isinstance(report, ItemReport) and report.trace_id == self.trace_id:
            self._step(report)
        self._moved.set()

    def _step(self, report: ItemReport) -> None:
        if report.step is Step.FAILED and report.error is not None:
            self._opened = self._opened or Rejected(report.error)
        if report.step in (Step.FAILED, Step.FINISHED):
            self._opened = self._opened or Accepted(None)  # cancelled before it opened
            self._has_all = self.is_over = True

    def lost(self) -> None:
        self._opened = self._opened or Unknown("link_lost")
        self.is_lost = self.is_over = True
        self._moved.set()

    async def _until(self, seen: Waited, within_s: float) -> None:
        deadline = clock.monotonic() + within_s
        while not seen():
            self._moved.clear()
            left = deadline - clock.monotonic()
            if left <= 0:
                return
            try:
                async with asyncio.timeout(left):
                    await self._moved.wait()
            except TimeoutError:
                return

    def _leave(self) -> None:
        if _voices.get(self._link) is self:
            del _voices[self._link]


def told(link: Link, report: Report | Aside) -> None:
    """Whoever reads a link hands on what its voice waits for."""
    if (voice := _voices.get(link)) is not None:
        voice.heard(report)


def lost(link: Link) -> None:
    """The link ended: so does its voice."""
    if (voice := _voices.pop(link, None)) is not None:
        voice.lost()


def hush(job_id: int, trace_ids: Sequence[str] | None) -> None:
    """Stop the voice of a job if it is one of these (None: whatever it is): before the vendor is even asked."""
    for voice in list(_voices.values()):
        if voice.job_id == job_id and (trace_ids is None or voice.trace_id in trace_ids):
            voice.stop()


async def cut(job_id: int) -> None:
    """A silence: what speaks in this job is ended at the vendor before anything else is asked of it."""
    for voice in [one for one in list(_voices.values()) if one.job_id == job_id]:
        voice.stop()
        await voice.say_end()


def frames_of(pcm: bytes) -> Iterable[bytes]:
    """Cut into frames; the last one is filled up with silence."""
    for place in range(0, len(pcm), FRAME_BYTES):
        yield pcm[place : place + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
