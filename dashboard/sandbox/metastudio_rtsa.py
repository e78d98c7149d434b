"""The stand-in for the RTC COMMAND channel: RTSA of 002:14064-14142 over a WebSocket.

The real channel needs the vendor's RTC kit. Here it is `/sandbox/rtc/<rtc room>/command?user_id&signature&ctime` with
the values of rtc_room_info: text frames are 10.6 as strict JSON (its samples carry a trailing comma, A23); binary
frames are the sound of the human who took over, 16 kHz, mono, 16 bit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from typing import Any

from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.http import Gone, Socket
from dashboard.sandbox.metastudio_job import Job, Notice
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_wire import book
from dashboard.sandbox.metastudio_world import VENDOR, MetaStudioWorld
from dashboard.vendors.contract.validation import check_object

PATH = re.compile(r"/sandbox/rtc/(?P<room>[0-9a-f]{32})/command")
ENDPOINT = "rtc_command"
TIMED = ("play_start", "play_pause", "play_resume")
# Close codes of our own: 4401 the signature is wrong or expired, 4404 no such job.
NOT_ALLOWED, NO_JOB = 4401, 4404
KEEP_UNSENT = 5_000
BYTES_PER_S = 32_000
LARGEST_SOUND = 64 * 1024


class Listener:
    """One socket in an RTC room, with what waits to be sent to it."""

    def __init__(self, socket: Socket, job: Job, expires: float) -> None:
        self.socket, self.job, self.expires = socket, job, expires
        self.unsent: asyncio.Queue[str | int] = asyncio.Queue(KEEP_UNSENT)
        self.has_voice = False

    def post(self, frame: dict[str, Any] | int) -> None:
        """A frame, or a number: close with that code once all before it has left."""
        try:
            self.unsent.put_nowait(frame if isinstance(frame, int) else json.dumps(frame, ensure_ascii=False))
        except asyncio.QueueFull:
            self.socket.abort()


class CommandChannel:
    def __init__(self, model: MetaStudioWorld, keys: Keys) -> None:
        self._model, self._keys = model, keys
        self._listeners: dict[str, list[Listener]] = {}
        # Job id -> real second at which a voice whose socket was cut ends by itself.
        self._lost_voices: dict[str, float] = {}
        # The world asks fifty times a second; nobody's signature ends before this Unix second.
        self._next_expiry = float("inf")
        model.on_notice = self._on_notice

    def count(self, job_id: str) -> int:
        return len(self._listeners.get(job_id, []))

    def job_of(self, path: str) -> Job | None:
        found = PATH.fullmatch(path)
        if found is None:
            return None
        return self._model.jobs.open_in(found["room"])

    async def serve(self, socket: Socket) -> None:
        await socket.accept()
        request = socket.request
        job, ctime = self.job_of(request.path), request.value("ctime")
        found = PATH.fullmatch(request.path)
        room = found["room"] if found else ""
        if not self._keys.may_join(room, request.value("user_id"), request.value("signature"), ctime):
            await socket.close(NOT_ALLOWED, "the signature is wrong or expired")
            return
        if job is None:
            await socket.close(NO_JOB, "the task is over")
            return
        await self._serve_job(Listener(socket, job, float(ctime)))

    async def _serve_job(self, listener: Listener) -> None:
        job_id = listener.job.job_id
        self._listeners.setdefault(job_id, []).append(listener)
        self._next_expiry = min(self._next_expiry, listener.expires)
        listener.post(state_notify(listener.job.phase))
        writer = asyncio.create_task(self._write(listener), name=f"metastudio:writer:{job_id}")
        try:
            while True:
                await self._on_message(listener, await listener.socket.receive())
        except Gone:
            pass
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self._leave(listener)

    async def _write(self, listener: Listener) -> None:
        while True:
            frame = await listener.unsent.get()
            if isinstance(frame, int):
                await listener.socket.close(frame)
                continue
            await listener.socket.send_text(frame)
            source = self._model.world.clock.source
            self._model.world.frames.add(
                vendor=VENDOR,
                session=listener.job.job_id,
                frame=frame,
                monotonic_ns=round(source.monotonic() * 1e9),
                wall=source.now(),
            )

    def _leave(self, listener: Listener) -> None:
        job_id = listener.job.job_id
        listeners = self._listeners.get(job_id, [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners:
            self._listeners.pop(job_id, None)
        if listener.has_voice:
            world = self._model.world
            self._lost_voices[job_id] = world.clock.real() + world.config.microphone_release_s

    # --- down ------------------------------------------------------------------------------------------------------

    def _on_notice(self, job: Job, notice: Notice) -> None:
        listeners = self._listeners.get(job.job_id)
        if not listeners:
            return
        frame = frame_of(job, notice)
        for listener in listeners:
            if frame is not None:
                listener.post(frame)
            if notice.kind == "closed":
                listener.post(1000)

    def check_timers(self) -> None:
        """Signatures that ran out, voices whose socket was cut: both in real time."""
        now = self._keys.now()
        if now >= self._next_expiry:
            self._close_expired(now)
        if not self._lost_voices:
            return
        real = self._model.world.clock.real()
        for job_id in [one for one, until in self._lost_voices.items() if until <= real]:
            del self._lost_voices[job_id]
            job = self._model.jobs.get(job_id)
            if job is not None:
                self._model.settle(job, job.control("voice_end", self._model.world.clock.now()))

    def _close_expired(self, now: float) -> None:
        everybody = [listener for listeners in self._listeners.values() for listener in listeners]
        for listener in everybody:
            if listener.expires <= now:
                listener.expires = float("inf")
                listener.post(NOT_ALLOWED)
        self._next_expiry = min((listener.expires for listener in everybody), default=float("inf"))

    def expire_all(self) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.post(NOT_ALLOWED)

    # --- up --------------------------------------------------------------------------------------------------------

    async def _on_message(self, listener: Listener, message: str | bytes) -> None:
        world, job = self._model.world, listener.job
        world.advance()
        target = Target(VENDOR, ENDPOINT, job.job_id)
        if world.faults.take("swallow_frame", target):
            return
        if isinstance(message, bytes):
            if listener.has_voice and len(message) <= LARGEST_SOUND:
                world.sound.add(VENDOR, job.job_id, job.voice_ref, message)
                job.hear(len(message) / BYTES_PER_S * world.clock.speed)
        else:
            self._on_frame(listener, parse(message))
        fault = world.faults.peek("drop_socket", target)
        if fault is not None and world.faults.take("drop_socket", target):
            await drop(listener.socket, fault)

    def _on_frame(self, listener: Listener, frame: dict[str, Any]) -> None:
        """The reference prints no answer to a command that is wrong or does not fit the state; there is none."""
        command, job = frame.get("command"), listener.job
        if check_object(book(), "RtsaLiveControl", frame):
            return
        if command == "get_current_state":
            listener.post(state_notify(job.phase))
            return
        if not job.is_running:
            return
        timing = (frame.get("params") or {}).get("timing")
        late = timing == "SENTENCE_END" and command in TIMED
        before, now = job.phase, self._model.world.clock.now()
        self._model.advance(now)
        self._model.settle(job, job.control(str(command), now, at_sentence_end=late))
        if command == "voice_start" and before != job.phase:
            listener.has_voice = True
        elif command == "voice_end":
            listener.has_voice = False


def state_notify(state: str) -> dict[str, Any]:
    return {"message_type": "state_notify", "state": state}


def frame_of(job: Job, notice: Notice) -> dict[str, Any] | None:
    """What the room's rtc_callback_config lets the channel tell; without one LIVE_PROGRESS is subscribed (002:5891)."""
    if notice.kind == "state":
        return state_notify(notice.data["state"])
    config = job.room.get("rtc_callback_config") or {}
    wanted = config.get("rtc_callback_event_type") or ["LIVE_PROGRESS"]
    if notice.kind == "progress" and "LIVE_PROGRESS" in wanted:
        data = {key: value for key, value in notice.data.items() if key != "silent"}
        return {"message_type": "live_progress_notify", "data": data}
    if notice.kind == "finish" and "REPLY_COMMAND_FINISH" in wanted:
        return {"message_type": "reply_command_finish_notify", "data": {"reply_id": notice.data["reply_id"]}}
    return None


def parse(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


async def drop(socket: Socket, fault: Fault) -> None:
    if fault.params.get("abrupt"):
        socket.abort()
    else:
        await socket.close(int(fault.params.get("code", 1011)))
