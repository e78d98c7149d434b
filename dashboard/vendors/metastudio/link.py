"""The RTC COMMAND channel of one live job (002:14064-14137): exact states and progress down, commands up.

The real channel needs the vendor's RTC kit. What is opened here is the sandbox's stand-in, a WebSocket with the values
of `rtc_room_info`; so only accounts with the capability `command_channel` have a link at all.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from dashboard.lib.clock import Clock
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.http import Connect, Socket, socket_origin
from dashboard.vendors.metastudio import errors, notices
from dashboard.vendors.port import (
    Accepted,
    Aside,
    Guard,
    ItemReport,
    JobReport,
    JobSays,
    Link,
    LinkRefused,
    NotSent,
    Outcome,
    Rejected,
    Report,
    Session,
    Step,
    VoiceReport,
)
from dashboard.vendors.port_live import Timing

EXPIRED = 4401
REFUSED_CODES = range(4400, 4500)
# Progress comes per sentence; a job that has this many replies in the air has forgotten the oldest long ago.
MOST_REPLIES = 256
#: A channel that tells no state when asked, or one that we don't know, opens voices all the same.
TELLS_WITHIN = timedelta(seconds=2)
TIMINGS: dict[Timing, api.RtsaTiming] = {Timing.NOW: "NOW", Timing.SENTENCE_END: "SENTENCE_END"}


class CommandChannel:
    def __init__(self, session: Session, base_url: str, *, clock: Clock, connect: Connect) -> None:
        self._job_ref = session.vendor_ref
        self._clock = clock
        self._socket = Socket(address(session.rtc, base_url), connect=connect)
        self._started: OrderedDict[str, None] = OrderedDict()
        #: Our own ID of the voice that we opened, for which the vendor has no place; and whether it is heard.
        self._voice = ""
        self._is_heard = False
        #: What the vendor said last of its job; None: nothing yet, or not since we asked it to change.
        self._said: JobSays | None = None
        self._asked_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self._socket.is_open

    async def open(self) -> Outcome[None]:
        refused = await self._socket.open()
        if isinstance(refused, int):
            return Rejected(errors.ours("channel_refused", f"HTTP {refused}"))
        return refused if refused is not None else Accepted(None)

    # ------------------------------------------------------------------------------------------------- commands (10.6)
    # Accepted says "written"; the evidence is the state that follows.

    async def start_script(self, guard: Guard) -> Outcome[None]:
        """play_start: for a room that does not begin by itself (002:14130)."""
        return await self._control(control("play_start", Timing.NOW), guard)

    async def pause_script(self, guard: Guard, timing: Timing) -> Outcome[None]:
        """play_pause (002:14131)"""
        return await self._control(control("play_pause", timing), guard)

    async def resume_script(self, guard: Guard, timing: Timing) -> Outcome[None]:
        """play_resume (002:14132)"""
        return await self._control(control("play_resume", timing), guard)

    async def begin_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        """voice_start (002:14133); TAKE_OVER is the evidence, so it must not have been there before.

        Else a voice that a relay left open when it died passes for this one: its sound would go nowhere, and count as
        heard. It is ended, whoever opened it (in the vendor's own console too: a press takes over), and this one
        NotSent: busy. The vendor has no place for our ID.
        """
        if self._said is JobSays.TAKEN_OVER:
            return await self._first("voice_end", guard)
        if self._said is None:
            if self._asked_at is None:
                return await self._first("get_current_state", guard)
            if self._clock.now() - self._asked_at < TELLS_WITHIN:
                return NotSent("busy", detail="the state is asked for")
        self._voice, self._is_heard = trace_id, False
        written = await self._control(control("voice_start"), guard)
        if isinstance(written, NotSent):
            self._voice = ""
        return written

    async def _first(self, command: api.RtsaCommand, guard: Guard) -> Outcome[None]:
        """What must be known before a voice begins is asked for: the next try has it."""
        written = await self._control(control(command), guard)
        if isinstance(written, Accepted):
            self._said, self._asked_at = None, self._clock.now() if command == "get_current_state" else None
        return written if isinstance(written, NotSent) else NotSent("busy", detail=command)

    async def send_sound(self, sound: bytes, guard: Guard) -> Outcome[None]:
        """Sound goes into the RTC room itself; in the stand-in it is a binary frame."""
        return await self._socket.send(sound, guard)

    async def end_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        """voice_end (002:14134); nothing where another voice is open by now."""
        if self._voice not in ("", trace_id):
            return Accepted(None)
        return await self._control(control("voice_end"), guard)

    async def ask_state(self, guard: Guard) -> Outcome[None]:
        """get_current_state (002:14129): the answer is one more state notice."""
        return await self._control(control("get_current_state"), guard)

    async def _control(self, frame: api.RtsaLiveControl, guard: Guard) -> Outcome[None]:
        return await self._socket.send(json.dumps(frame), guard)

    # ---------------------------------------------------------------------------------------------------------- reading

    async def reports(self) -> AsyncIterator[Report | Aside]:
        async for raw in self._socket.frames():
            report = notices.parse_channel(raw, self._job_ref, self._clock.now())
            if report is None or self._is_repeat(report):
                continue
            if isinstance(report, JobReport):
                self._said, self._asked_at = report.says, None
            for about_voice in self._of_voice(report):
                yield about_voice
            yield report
        code = self._socket.close_code
        if code is not None and code in REFUSED_CODES:
            why = "channel_expired" if code == EXPIRED else "channel_refused"
            yield LinkRefused(self._job_ref, errors.ours(why, f"close code {code}"), self._clock.now())

    def _of_voice(self, report: Report) -> tuple[Report | Aside, ...]:
        """What a state of the job means for the voice that we opened: TAKE_OVER its start, the next state its end."""
        if not self._voice or not isinstance(report, JobReport):
            return ()
        is_taken_over = report.says is JobSays.TAKEN_OVER
        if is_taken_over == self._is_heard:
            return ()
        trace_id, self._is_heard = self._voice, is_taken_over
        if not is_taken_over:
            self._voice = ""
        step = Step.STARTED if is_taken_over else Step.FINISHED
        return (
            VoiceReport(self._job_ref, is_taken_over, report.at),
            ItemReport(self._job_ref, trace_id, step, report.at),
        )

    def _is_repeat(self, report: Report) -> bool:
        """Each sentence of a reply is notified; only the first says that it started."""
        if not isinstance(report, ItemReport) or report.step is not Step.STARTED:
            return False
        if report.trace_id in self._started:
            return True
        self._started[report.trace_id] = None
        if len(self._started) > MOST_REPLIES:
            self._started.popitem(last=False)
        return False

    async def ask_remaining(self, guard: Guard) -> Outcome[None]:
        return Rejected(errors.ours("capability"))  # a room runs until it is stopped

    async def ping(self) -> bool:
        return await self._socket.ping()

    async def close(self) -> None:
        await self._socket.close()


def channel_of(link: Link | None, has_channel: bool) -> CommandChannel | Rejected | NotSent:
    """The open channel, or why there is none."""
    if not has_channel:
        return Rejected(errors.ours("no_channel"))
    return link if isinstance(link, CommandChannel) else NotSent("link_down")


def control(command: api.RtsaCommand, timing: Timing | None = None) -> api.RtsaLiveControl:
    """live_control (002:14112-14137), as strict JSON (A23). Only the commands for the script take a timing (A22)."""
    frame: api.RtsaLiveControl = {"message_type": "live_control", "command": command}
    if timing is not None:
        frame["params"] = {"timing": TIMINGS[timing]}
    return frame


def address(rtc: Mapping[str, Any], base_url: str) -> str:
    """The stand-in's address. The streamer sends the commands (002:14112), so the user who captures goes first."""
    user = _user(rtc.get("users"))
    query = urlencode({name: user.get(name) or "" for name in ("user_id", "signature", "ctime")})
    room = quote(str(rtc.get("room_id") or ""), safe="")
    return f"{socket_origin(base_url)}/sandbox/rtc/{room}/command?{query}"


def _user(users: object) -> Mapping[str, Any]:
    found = [one for one in users if isinstance(one, Mapping)] if isinstance(users, Sequence) else []
    for wanted in ("CAPTURE", "END_USER", "PLAYER"):
        for one in found:
            if one.get("user_type") == wanted:
                return one
    return found[0] if found else {}
