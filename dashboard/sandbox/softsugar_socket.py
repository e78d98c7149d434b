"""SoftSugar's takeover channel (004:213-361): frames in, notices out, microphone sound."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from dashboard.sandbox import softsugar_wire as wire
from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.http import Gone, Socket
from dashboard.sandbox.softsugar_session import LIVE, Session
from dashboard.sandbox.softsugar_silk import SilkReader
from dashboard.sandbox.softsugar_world import VENDOR, SoftSugarWorld
from dashboard.sandbox.speech import plain
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_fields

PATH = "/api/live-takeover-cc/v1/material/live/channel/command/microphone"
ENDPOINT = "takeover_socket"
FEWEST_CHARACTERS = 10
"""004:237."""
FRAME_LIMIT = 4096
"""Each frame must be smaller (004:213)."""
BYTES_PER_S = 32_000
"""16 kHz, one channel, 16 bit (004:211, B5)."""
CLIENT = "BROWSER"
"""The only clientType that is printed (004:226)."""
CLOSE_WITHIN_S = 120.0
KEEP_UNSENT = 5_000
"""Frames that wait for a slow or frozen reader; one that falls further behind is cut off."""


class Channel:
    """One socket of a session, with what waits to be sent to it."""

    def __init__(self, socket: Socket, session: Session) -> None:
        self.socket = socket
        self.session = session
        self.unsent: asyncio.Queue[str] = asyncio.Queue(KEEP_UNSENT)
        self.microphone = ""
        self.silk: SilkReader | None = None

    def post(self, frame: dict[str, Any]) -> None:
        try:
            self.unsent.put_nowait(json.dumps(frame, ensure_ascii=False))
        except asyncio.QueueFull:
            self.socket.abort()


Act = Callable[[Channel, dict[str, Any]], None]


class SoftSugarSockets:
    def __init__(self, world: SoftSugarWorld) -> None:
        self._model = world
        self._world = world.world
        self._channels: dict[str, list[Channel]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._acts: dict[int, Act] = {
            wire.SAY_TEXT: self._on_text,
            wire.AUDIO_BEGIN: self._on_audio_begin,
            wire.AUDIO_END: self._on_audio_end,
            wire.ASK_REMAINING: self._on_ask_remaining,
        }
        world.on_frame = self._to_all
        world.on_end = self._end

    async def serve(self, socket: Socket) -> None:
        """From handshake to close. A refusal is told by a frame after the handshake, not by its status (B34)."""
        await socket.accept()
        session = self._model.sessions.get(socket.request.value("sessionId"))
        if session is None or not session.is_running:
            await self._refuse(socket, wire.NO_SESSION)
            return
        if not self._may_enter(socket, session):
            await self._refuse(socket, wire.AUTH_FAILED)
            return
        if socket.request.value("clientType") != CLIENT:
            await self._refuse(socket, wire.STOPPED)
            return
        channel = Channel(socket, session)
        self._channels.setdefault(session.id, []).append(channel)
        writer = asyncio.create_task(self._write(channel), name=f"softsugar:writer:{session.id}")
        try:
            while True:
                await self._on_message(channel, await socket.receive())
        except Gone:
            pass
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self._leave(channel)

    def _may_enter(self, socket: Socket, session: Session) -> bool:
        if self._world.faults.take("expire_tokens", Target(VENDOR, ENDPOINT, session.id)):
            return False
        given = socket.request.value("Authorization")
        return hmac.compare_digest(given.encode(), session.token.encode())

    async def _refuse(self, socket: Socket, code: int) -> None:
        await self._send(socket, socket.request.value("sessionId"), json.dumps(wire.frame(code), ensure_ascii=False))
        await socket.close(1000)

    async def _write(self, channel: Channel) -> None:
        while True:
            await self._send(channel.socket, channel.session.id, await channel.unsent.get())
            channel.unsent.task_done()

    async def _send(self, socket: Socket, session_id: str, text: str) -> None:
        await socket.send_text(text)
        source = self._world.clock.source
        self._world.frames.add(
            vendor=VENDOR,
            session=session_id,
            frame=text,
            monotonic_ns=round(source.monotonic() * 1e9),
            wall=source.now(),
        )

    def _leave(self, channel: Channel) -> None:
        channels = self._channels.get(channel.session.id, [])
        if channel in channels:
            channels.remove(channel)
        if not channels:
            self._channels.pop(channel.session.id, None)
        while not channel.unsent.empty():
            channel.unsent.get_nowait()
            channel.unsent.task_done()
        if channel.microphone:
            self._model.microphone_lost(channel.session, channel.microphone)

    def count(self, session_id: str) -> int:
        return len(self._channels.get(session_id, []))

    # -- down --------------------------------------------------------------------------------------------------------

    def _to_all(self, session: Session, frame: dict[str, Any]) -> None:
        for channel in self._channels.get(session.id, []):
            channel.post(frame)

    def _end(self, session: Session) -> None:
        """The live is over: the channel stops (4) and closes."""
        for channel in list(self._channels.get(session.id, [])):
            channel.post(wire.frame(wire.STOPPED))
            task = asyncio.get_running_loop().create_task(_close_when_sent(channel))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    # -- up ----------------------------------------------------------------------------------------------------------

    async def _on_message(self, channel: Channel, message: str | bytes) -> None:
        self._world.advance()
        urgent = isinstance(message, bytes) or _is_urgent(_parse(message))
        if self._taken("swallow_frame", channel.session, urgent=urgent):
            return
        if isinstance(message, bytes):
            self._on_sound(channel, message)
        else:
            self._on_frame(channel, message)
        if (fault := self._taken("drop_socket", channel.session, urgent=urgent)) is not None:
            await _drop(channel.socket, fault)

    def _taken(self, kind: str, session: Session, *, urgent: bool) -> Fault | None:
        """The fault that this frame meets; some wait for a frame that does not just go to the end of the queue."""
        target = Target(VENDOR, ENDPOINT, session.id)
        fault = self._world.faults.peek(kind, target)
        if fault is None or (fault.params.get("urgent_only") and not urgent):
            return None
        return self._world.faults.take(kind, target)

    def _on_sound(self, channel: Channel, sound: bytes) -> None:
        session = channel.session
        if not channel.microphone or session.microphone != channel.microphone:
            channel.post(wire.frame(wire.STOPPED))
        elif len(sound) >= FRAME_LIMIT or (seconds := _seconds_of(channel, sound)) is None:
            channel.post(wire.frame(wire.FAILED))
        else:
            self._world.sound.add(VENDOR, session.id, channel.microphone, sound)
            self._model.hear(session, seconds)

    def _on_frame(self, channel: Channel, text: str) -> None:
        frame = _parse(text)
        code = frame.get("code")
        act = None if isinstance(code, bool) or not isinstance(code, int) else self._acts.get(code)
        if act is None:
            # "No match": also code 11, which is named but described nowhere (B3).
            channel.post(wire.frame(wire.STOPPED))
        elif _faults_of(frame):
            channel.post(wire.frame(wire.FAILED))
        else:
            act(channel, frame)

    def _on_text(self, channel: Channel, frame: dict[str, Any]) -> None:
        ref, query = frame["commandTraceId"], frame["tts_query"]
        content = query["content"]
        heard = plain(content) if query.get("ssml") is True else content
        if not self._is_new(channel.session, ref) or len(heard.strip()) < FEWEST_CHARACTERS:
            channel.post(wire.frame(wire.FAILED))
            return
        self._model.say(
            channel.session,
            ref,
            content,
            priority=frame.get("priority", -1),
            control=_control(frame),
            silent=self._taken("swallow_notices", channel.session, urgent=_is_urgent(frame)) is not None,
        )

    def _on_audio_begin(self, channel: Channel, frame: dict[str, Any]) -> None:
        session, ref = channel.session, frame["commandTraceId"]
        if session.status != LIVE:
            channel.post(wire.frame(wire.NO_SESSION))
            return
        if not self._is_new(session, ref):
            channel.post(wire.frame(wire.FAILED))
            return
        if session.player.order():
            channel.post(wire.frame(wire.CONFLICT))
            return
        channel.microphone = ref
        channel.silk = SilkReader() if frame.get("silk") is True else None
        # 2 comes before 20, as the client may only then send sound (004:281, B28).
        channel.post(wire.frame(wire.READY_FOR_AUDIO))
        silent = self._taken("swallow_notices", session, urgent=True) is not None
        self._model.open_microphone(session, ref, control=_control(frame), silent=silent)

    def _on_audio_end(self, channel: Channel, frame: dict[str, Any]) -> None:
        session, ref = channel.session, frame["commandTraceId"]
        if not channel.microphone or ref != channel.microphone or session.microphone != ref:
            channel.post(wire.frame(wire.STOPPED))
            return
        channel.microphone = ""
        channel.post(wire.ack(session=session.id, ref=ref, timestamp_ms=self._world.clock.wall_ms()))
        self._model.close_microphone(session)

    def _on_ask_remaining(self, channel: Channel, frame: dict[str, Any]) -> None:
        session = channel.session
        channel.post(
            wire.remaining(
                channel=session.rtc.get("rtcChannelId", session.id),
                server_ms=self._world.clock.wall_ms(),
                seconds=self._model.remaining_s(session),
            )
        )

    def _is_new(self, session: Session, ref: str) -> bool:
        """The caller's id must be unique within the live (004:235), and one that cancel can name (004:476)."""
        return bool(ref.strip()) and ";" not in ref and ref != "-1" and ref not in session.used_refs


def _parse(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


def _is_urgent(frame: dict[str, Any]) -> bool:
    """A text that asks for a place of its own in the queue (004:236), as people's do and a script's do not."""
    priority = frame.get("priority")
    return isinstance(priority, int) and not isinstance(priority, bool) and priority >= 1


def _faults_of(frame: dict[str, Any]) -> bool:
    """Whether the frame breaks the table of its code; an illegal priority is none, it means the end (004:236)."""
    documents = contract(VENDOR)
    documented = documents.frame(frame["code"], "up")
    fields = [] if documented is None else [one for one in documented.fields if one.name != "priority"]
    return bool(check_fields(documents, fields, frame))


def _control(frame: dict[str, Any]) -> str:
    return str(frame.get("superControl") or "")


def _seconds_of(channel: Channel, sound: bytes) -> float | None:
    """How long this much sound is; None when it is not what the client said it would send."""
    if channel.silk is None:
        return len(sound) / BYTES_PER_S
    try:
        return channel.silk.feed(sound)
    except ValueError:
        return None


async def _close_when_sent(channel: Channel) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(channel.unsent.join(), CLOSE_WITHIN_S)
    await channel.socket.close(1000)


async def _drop(socket: Socket, fault: Fault) -> None:
    if fault.params.get("abrupt"):
        socket.abort()
    else:
        await socket.close(int(fault.params.get("code", 1011)))
