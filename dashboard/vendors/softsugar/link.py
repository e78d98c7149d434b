"""The takeover socket of one live session (004:207-362): takeovers by text and voice up, their progress down.

The vendor's queue outlives the socket and notices are not replayed (B42): who opens a link again asks `queue` first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from dashboard.lib.clock import Clock
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.generated import softsugar as api
from dashboard.vendors.http import Connect, Socket, socket_origin
from dashboard.vendors.port import (
    LARGEST_SOUND,
    Accepted,
    Aside,
    ConflictReport,
    Guard,
    ItemReport,
    NotSent,
    Outcome,
    Rejected,
    Report,
    Say,
    Session,
)
from dashboard.vendors.softsugar import errors, frames, wire

# More takeovers than this wait for their 20 only when the vendor has stopped telling.
MOST_UNCONFIRMED = 64


class SoftSugarLink:
    def __init__(self, session: Session, base_url: str, *, clock: Clock, connect: Connect) -> None:
        self._session_ref = session.vendor_ref
        self._clock = clock
        # The token travels in the address (004:219): the session's own, not the platform's (B1).
        query: api.TakeoverSocketQuery = {
            "clientType": "BROWSER",
            "sessionId": session.vendor_ref,
            "Authorization": session.token,
        }
        address = (
            f"{socket_origin(base_url)}{contract('softsugar').endpoint('takeover_socket').path}?{urlencode(query)}"
        )
        self._unconfirmed: OrderedDict[str, None] = OrderedDict()
        self._voice = ""
        self._socket = Socket(address, connect=connect)

    @property
    def is_open(self) -> bool:
        return self._socket.is_open

    async def open(self) -> Outcome[None]:
        """Open means connected; the vendor refuses a token or session by a frame afterwards (B34)."""
        refused = await self._socket.open()
        if isinstance(refused, int):
            known = errors.of_socket(1) if refused in (401, 403) else errors.of_http(refused)
            return Rejected(known)
        return refused if refused is not None else Accepted(None)

    # ------------------------------------------------------------------------------------------------------------- up
    # Accepted says "written"; the evidence is what the vendor tells afterwards.

    async def say(self, say: Say, guard: Guard) -> Outcome[None]:
        """004:235, code 10; the evidence is a 20."""
        return await self._takeover(say.trace_id, frames.text_takeover(say), guard)

    async def begin_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        """004:247, code 0; the evidence is a 2, and a 7 says that something plays or waits."""
        self._voice = trace_id
        return await self._takeover(trace_id, frames.voice_begin(trace_id), guard)

    async def send_sound(self, sound: bytes, guard: Guard) -> Outcome[None]:
        """004:211-213 (B5)"""
        if len(sound) > LARGEST_SOUND:
            return Rejected(errors.ours("contract", f"{len(sound)} bytes of sound, allowed: {LARGEST_SOUND}"))
        return await self._socket.send(sound, guard)

    async def end_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        """004:256, code 99; the evidence is a -1."""
        return await self._send(frames.voice_end(trace_id), guard)

    async def ask_remaining(self, guard: Guard) -> Outcome[None]:
        """004:262, code 101; the answer is a RemainingReport."""
        return await self._send(frames.ask_remaining(), guard)

    async def _takeover(self, trace_id: str, frame: frames.Frame, guard: Guard) -> Outcome[None]:
        # Before the write: the answer may be read while the write still waits.
        self._unconfirmed[trace_id] = None
        if len(self._unconfirmed) > MOST_UNCONFIRMED:
            self._unconfirmed.popitem(last=False)
        written = await self._send(frame, guard)
        if isinstance(written, NotSent | Rejected):
            self._unconfirmed.pop(trace_id, None)
        return written

    async def _send(self, frame: frames.Frame, guard: Guard) -> Outcome[None]:
        if faults := frames.faults(frame):
            return Rejected(errors.ours("contract", faults))
        return await self._socket.send(frames.text_of(frame), guard)

    # ----------------------------------------------------------------------------------------------------------- down

    async def reports(self) -> AsyncIterator[Report | Aside]:
        async for raw in self._socket.frames():
            only = next(iter(self._unconfirmed)) if len(self._unconfirmed) == 1 else ""
            report = wire.parse_frame(raw, self._session_ref, self._clock.now(), only)
            if isinstance(report, ItemReport):
                self._unconfirmed.pop(report.trace_id, None)
            elif isinstance(report, ConflictReport):
                # It names nothing, but only a voice is refused so.
                self._unconfirmed.pop(self._voice, None)
            if report is not None:
                yield report

    async def ping(self) -> bool:
        return await self._socket.ping()

    async def close(self) -> None:
        await self._socket.close()
