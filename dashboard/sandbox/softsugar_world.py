"""SoftSugar's sessions and what becomes of them: no HTTP and no sockets here, only what they cause.

SoftSugar plays no script of its own: what is heard are takeovers (text, or a microphone), one after the other.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from dashboard.sandbox import softsugar_wire as wire
from dashboard.sandbox.callbacks import Callback
from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.playback import Item, PlayEvent
from dashboard.sandbox.softsugar_script import RECEIVED, LiveScript, read_control
from dashboard.sandbox.softsugar_session import (
    ACCOUNT_FULL,
    CREATING,
    FAILED,
    LIVE,
    LOST,
    NOT_MADE,
    PLAIN_VOICE,
    READY,
    SYSTEM_FULL,
    Picture,
    Session,
)
from dashboard.sandbox.softsugar_settings import Settings
from dashboard.sandbox.speech import measure
from dashboard.sandbox.world import Agenda, World

VENDOR = "softsugar"
NEVER = 1e15
"""A microphone begins with its first sound, not before."""
KEEP_ENDED = 2_000

QUEUED, PLAYING, PLAYED, BROKEN = 34, 36, 37, 39
TOKEN_EXPIRED = 96

NOTICES = {"queued": (wire.ENQUEUED, QUEUED), "started": (wire.STARTED, PLAYING), "finished": (wire.DONE, PLAYED)}
NOTICES["cut"] = NOTICES["cancelled"] = NOTICES["finished"]
"""18 means finished or cancelled (004:305); the callbacks' codes beside it (B11)."""

Listener = Callable[[Session, dict[str, Any]], None]


class SoftSugarWorld:
    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, Session] = {}
        self.refused_creates: deque[Session] = deque(maxlen=KEEP_ENDED)
        """97 and 98: the history's filter knows them, stat and the lists do not (B12)."""
        self.callback_url = ""
        self.auth_key = ""
        self.settings = Settings.of(world.config)
        self.on_frame: Listener = lambda session, frame: None
        """Sends a frame to every socket of the session."""
        self.on_end: Callable[[Session], None] = lambda session: None
        self._agenda = Agenda()
        self._real_agenda = Agenda()
        world.faults.on_add.append(self._on_fault)

    def configure(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError for what is no setting; changed time-outs bind the sessions that run."""
        self.settings = self.settings.changed(wanted)
        for session in self.running():
            self._plan(session)
        self.world.touch()

    # -- sessions ----------------------------------------------------------------------------------------------------

    def running(self) -> list[Session]:
        return [session for session in self.sessions.values() if session.is_running]

    def create(self, script: LiveScript, *, user_data: str | None, urtc: dict[str, str] | None) -> Session:
        """A session in status 32, or one that never runs: 97 or 98 when there is no free stream (004:57)."""
        clock, ids = self.world.clock, self.world.ids
        session = Session(
            id=ids.hex("softsugar.session"),
            token=ids.hex("softsugar.token", 64),
            status=CREATING,
            created_at=clock.now(),
            created_wall=clock.wall().isoformat(),
            created_real=clock.real(),
            beat_real=clock.real(),
            user_data=user_data,
            ready_at=clock.now() + self.settings.prepare_s,
            fails_to_start=script.fails_to_start,
            is_pro=script.is_pro,
            resolution=script.resolution,
            files=[*script.roles, *script.files],
            picture=Picture(role=script.role, notify=script.notify, frames_per_s=self.settings.frames_per_s),
            is_external_rtc=urtc is not None,
        )
        session.voice = self.world.voice(VENDOR, session.id, PLAIN_VOICE)
        session.rtc = urtc if urtc is not None else self._own_rtc(session.id)
        session.rtc_until = clock.real() + self.settings.rtc_token_s if urtc is not None else None
        self._take_in(session, FAILED if script.fails_at_once else self._full())
        return session

    def _take_in(self, session: Session, refused: int | None) -> None:
        """A refused one is over at once and tells nobody: its create's answer says it all (004:1123)."""
        if refused is not None:
            session.status = refused
            session.ended_wall, session.ended_real = session.created_wall, session.created_real
        if refused in (SYSTEM_FULL, ACCOUNT_FULL):
            self.refused_creates.append(session)
        else:
            self.sessions[session.id] = session
        if session.status == CREATING and session.ready_at <= self.world.clock.now():
            self._become_ready(session, session.ready_at)
        self._plan(session)

    def _own_rtc(self, session_id: str) -> dict[str, str]:
        ids = self.world.ids
        return {
            "rtcAppId": "5a0db0c5a7e1" + session_id[:20],
            "rtcChannelId": session_id,
            "rtcUid": str(ids.number("softsugar.uid", 2**32)),
            "rtcToken": "007eJx" + ids.hex("softsugar.rtc", 64),
        }

    def _full(self) -> int | None:
        if (quota := self.world.faults.take("quota", Target(VENDOR, "channel_create"))) is not None:
            return SYSTEM_FULL if quota.params.get("status") == SYSTEM_FULL else ACCOUNT_FULL
        running = len(self.running())
        if running >= self.settings.system_streams:
            return SYSTEM_FULL
        return ACCOUNT_FULL if running >= self.settings.streams else None

    def start(self, session: Session) -> None:
        """35 → 2: from now on the queue is heard."""
        clock = self.world.clock
        session.status = LIVE
        session.live_wall = clock.wall().isoformat()
        session.picture.show(session.picture.role, clock.now(), session.picture.first_frame)
        self._told(session, session.player.start(clock.now()))

    def end(self, session: Session, status: int, at: float, reason: str = "") -> None:
        """The session is over: what plays is cut, what waits is dropped, its sockets close, the callback tells."""
        if not session.is_running:
            return
        clock = self.world.clock
        for event in session.player.stop(at):
            self.world.record.follow(VENDOR, session.id, event)
        session.status = status
        session.microphone, session.microphone_until = "", None
        session.ended_wall, session.ended_real = clock.wall_at(at).isoformat(), clock.real()
        self._plan(session)
        self._call_back(session, status, {"taskResult": reason or None})
        self.on_end(session)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        """What has ended is kept for the history, but not for ever."""
        ended = [session.id for session in self.sessions.values() if not session.is_running]
        for session_id in ended[: max(0, len(ended) - KEEP_ENDED)]:
            del self.sessions[session_id]

    def beat(self, session: Session) -> None:
        session.beat_real = self.world.clock.real()
        self._plan(session)

    def billed_s(self, session: Session) -> float:
        """Counted from the create on (004:24)."""
        until = self.world.clock.real() if session.ended_real is None else session.ended_real
        return until - session.created_real

    # -- takeovers ---------------------------------------------------------------------------------------------------

    def say(self, session: Session, ref: str, text: str, *, priority: object, control: str, silent: bool) -> None:
        """A text takeover joins the queue. Before the session is live it waits there."""
        now = self.world.clock.now()
        speech, ready_at = measure(text, rate=session.voice.pace), now + session.voice.latency_s
        item = Item(ref, "takeover", speech.text, speech.duration_s, speech.sentence_ends, ready_at)
        item.data = {"control": control, "silent": silent}
        session.used_refs.add(ref)
        self._told(session, session.player.place(item, place_of(priority, len(session.player.queue)), now))

    def open_microphone(self, session: Session, ref: str, *, control: str, silent: bool) -> bool:
        """False: something plays or waits, the streamed takeover is refused (004:330)."""
        if session.player.order():
            return False
        now = self.world.clock.now()
        item = Item(ref, "microphone", "", None, (), NEVER)
        item.data = {"control": control, "silent": silent}
        session.used_refs.add(ref)
        session.microphone, session.microphone_until = ref, None
        self._told(session, session.player.append(item, now))
        return True

    def renew_token(self, session: Session, token: str) -> None:
        """The user's own RTC token, before or after it ran out (004:1078)."""
        session.rtc["rtcToken"] = token
        session.rtc_until = self.world.clock.real() + self.settings.rtc_token_s
        session.renewals += 1
        self._plan(session)

    def hear(self, session: Session, seconds: float) -> None:
        """Sound of the open microphone, in real seconds; the first of it starts the takeover."""
        now = self.world.clock.now()
        item = session.player.find(session.microphone)
        if item is None:
            return
        item.ready_at = min(item.ready_at, now)
        session.player.extend(item.ref, seconds * self.world.clock.speed)
        self._told(session, session.player.advance(now))

    def close_microphone(self, session: Session) -> None:
        now = self.world.clock.now()
        item = session.player.find(session.microphone)
        if item is not None:
            item.ready_at = min(item.ready_at, now)
            self._told(session, session.player.close_open(item.ref, now))
        session.microphone, session.microphone_until = "", None
        self._plan(session)

    def microphone_lost(self, session: Session, ref: str) -> None:
        """Its socket is gone; a short while later the vendor gives it up (B39)."""
        if session.microphone == ref and session.is_running:
            session.microphone_until = self.world.clock.real() + self.world.config.microphone_release_s
            self._plan(session)

    def cancel(self, session: Session, ref: str) -> bool:
        now = self.world.clock.now()
        done, events = session.player.cancel(ref, now)
        self._cut_microphone(session, ref)
        self._told(session, events)
        return done

    def cancel_all(self, session: Session) -> None:
        events = session.player.cancel_all(self.world.clock.now())
        self._cut_microphone(session, session.microphone)
        self._told(session, events)

    def _cut_microphone(self, session: Session, ref: str) -> None:
        if ref and session.microphone == ref:
            session.microphone, session.microphone_until = "", None
            self.on_frame(session, wire.frame(wire.STOPPED))

    def reorder(self, session: Session, ref: str, priority: int) -> bool:
        """Only what waits can be moved."""
        waiting = len(session.player.queue) - 1
        done, events = session.player.move(ref, place_of(priority, max(0, waiting)), self.world.clock.now())
        self._told(session, events)
        return done

    def remaining_s(self, session: Session) -> int:
        """Of the stream itself (004:347 prints neither meaning nor unit; B8)."""
        return max(0, math.ceil(session.created_real + self.settings.stream_s - self.world.clock.real()))

    def control(self, session: Session, param: str) -> int:
        """Apply a control script at once; the commandStatus (004:193)."""
        plan = read_control(param, session.files, session.resolution)
        session.controls += 1
        if plan.status == RECEIVED and plan.role:
            session.picture.show(plan.role, self.world.clock.now(), plan.start)
            self._plan(session)
        self.world.touch()
        return plan.status

    # -- time --------------------------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        for due, session_id in self._agenda.pop_due(now):
            self._play(self.sessions[session_id], due)
        for due, session_id in self._real_agenda.pop_due(self.world.clock.real()):
            self._check_timers(self.sessions[session_id], due, now)

    def _play(self, session: Session, at: float) -> None:
        if session.status == CREATING:
            self._become_ready(session, at)
            return
        while (reached := session.picture.next_notice()) is not None and reached[0] <= at:
            session.picture.told += 1
            self.on_frame(session, wire.frame_reached(role=session.picture.role, number=reached[1]))
        self._told(session, session.player.advance(at))

    def _become_ready(self, session: Session, at: float) -> None:
        if session.fails_to_start:
            self.end(session, NOT_MADE, at, "初始化失败")
            return
        session.status = READY
        self._plan(session)
        self._call_back(session, READY, session.rtc)

    def _check_timers(self, session: Session, due: float, now: float) -> None:
        if not session.is_running:
            return
        if session.microphone_until is not None and session.microphone_until <= due:
            self.close_microphone(session)
        if session.rtc_until is not None and session.rtc_until <= due:
            # Told once; the live goes on, and a new token may still come (004:1078, 1139).
            session.rtc_until = None
            self._call_back(session, TOKEN_EXPIRED, {"taskResult": "urtcToken 过期"})
        if session.beat_real + self.settings.heartbeat_s <= due:
            self.end(session, LOST, now, "长时间无心跳")
        elif session.created_real + self.settings.stream_s <= due:
            self.end(session, LOST, now, "直播时长已用完")
        self._plan(session)

    def _plan(self, session: Session) -> None:
        self._agenda.put(session.id, session.next_due())
        self._real_agenda.put(session.id, session.next_real_due(self.settings.heartbeat_s, self.settings.stream_s))
        self.world.touch()

    # -- telling -----------------------------------------------------------------------------------------------------

    def _told(self, session: Session, events: list[PlayEvent]) -> None:
        for event in events:
            if event.item is not None:
                self._tell(session, event, event.item)
        self._plan(session)

    def _tell(self, session: Session, event: PlayEvent, item: Item) -> None:
        self.world.record.follow(VENDOR, session.id, event)
        if event.kind == "started":
            self._on_started(session, event, item)
        if event.kind not in NOTICES or item.data.get("silent") or item.data.get("broken"):
            return
        code, status = NOTICES[event.kind]
        timestamp = self.world.clock.wall_ms_at(event.at)
        self.on_frame(session, wire.notice(code, session=session.id, ref=item.ref, timestamp_ms=timestamp))
        if item.source == "microphone":
            return  # Callbacks exclude microphone takeovers (004:1123).
        stopped = event.kind == "cancelled" or (event.kind == "cut" and event.by == "cancel")
        finish = wire.vendor_time(self.world.clock.wall_at(event.at)) if stopped else None
        self._call_back(session, status, {"commandTraceId": item.ref, "commandFinishTime": finish})

    def _on_started(self, session: Session, event: PlayEvent, item: Item) -> None:
        if item.data.get("control"):
            plan = read_control(str(item.data["control"]), session.files, session.resolution)
            if plan.status == RECEIVED and plan.role:
                session.picture.show(plan.role, event.at, plan.start)

    def break_takeover(self, session: Session, reason: str) -> None:
        """What plays fails: 39 by callback, and nothing on the socket (B11)."""
        item = session.player.current
        if item is None:
            return
        item.data["broken"] = True
        _, events = session.player.cancel(item.ref, self.world.clock.now(), by="failure")
        self._told(session, events)
        self._call_back(session, BROKEN, {"commandTraceId": item.ref, "taskResult": reason})

    def _call_back(self, session: Session, status: int, more: dict[str, Any]) -> None:
        body = {"sessionId": session.id, "status": status, **more, "userData": session.user_data}
        self.world.callbacks.send(
            Callback(VENDOR, session.id, self.callback_url, wire.callback_body(body), event=str(status))
        )

    def _on_fault(self, fault: Fault) -> None:
        """Faults that end something at once are used up at once."""
        if fault.kind not in ("session_end", "takeover_fails"):
            return
        for session in self.running():
            if not fault.concerns(Target(VENDOR, None, session.id)):
                continue
            if fault.kind == "takeover_fails":
                self.break_takeover(session, str(fault.params.get("reason", "算法异常")))
            elif fault.params.get("status") == TOKEN_EXPIRED:
                self._call_back(session, TOKEN_EXPIRED, {})
            else:
                status = int(fault.params.get("status", FAILED))
                self.end(session, status, self.world.clock.now(), str(fault.params.get("reason", "异常")))
            fault.hits += 1

    # -- what is shown ------------------------------------------------------------------------------------------------

    def overview(self, sockets: Callable[[str], int]) -> dict[str, Any]:
        """For the control API; `sockets`: how many takeover sockets a session has."""
        sessions = self.sessions.values()
        return {
            "streams": {"used": len(self.running()), "limit": self.settings.streams},
            "settings": self.settings.shown(),
            "billed_s": round(sum(self.billed_s(session) for session in sessions), 1),
            "callbacks": {"url": self.callback_url, "signed": bool(self.auth_key)},
            "ended": dict(Counter(str(one.status) for one in sessions if not one.is_running)),
            "sessions": [self._describe(one, sockets(one.id)) for one in self.running()],
        }

    def _describe(self, session: Session, sockets: int) -> dict[str, Any]:
        playing = session.player.current
        now = self.world.clock.now()
        return {
            "session": session.id,
            "status": session.status,
            "user_data": session.user_data,
            "sockets": sockets,
            "playing": None
            if playing is None
            else {
                "ref": playing.ref,
                "source": playing.source,
                "text": playing.text,
                "elapsed_s": session.player.elapsed(now),
            },
            "queue": [item.ref for item in session.player.queue],
            "microphone": session.microphone or None,
            "digital_role": session.picture.role,
            "controls": session.controls,
            "heartbeat_age_s": round(self.world.clock.real() - session.beat_real, 3),
            "billed_s": round(self.billed_s(session), 1),
        }

    # -- saved state -------------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        return {
            "sessions": [session.snapshot() for session in self.sessions.values()],
            "refused_creates": [session.snapshot() for session in self.refused_creates],
            "callback_url": self.callback_url,
            "auth_key": self.auth_key,
            "settings": self.settings.shown(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.callback_url, self.auth_key = saved["callback_url"], saved["auth_key"]
        self.settings = self.settings.changed(saved.get("settings", {}))
        self.refused_creates.extend(Session.restored(row) for row in saved["refused_creates"])
        for row in saved["sessions"]:
            session = Session.restored(row)
            if session.microphone:
                # No socket outlives the sandbox.
                session.microphone_until = self.world.clock.real() + self.world.config.microphone_release_s
            self.sessions[session.id] = session
            self._plan(session)

    def reset(self) -> None:
        for session in self.running():
            self.on_end(session)
        self.sessions.clear()
        self.refused_creates.clear()
        self._agenda, self._real_agenda = Agenda(), Agenda()


def place_of(priority: object, waiting: int) -> int:
    """Where in the waiting queue it goes: 1 is next, n is n-th, -1 and everything illegal goes last (004:236, B38)."""
    if isinstance(priority, bool) or not isinstance(priority, int) or priority < 1:
        return waiting
    return min(priority - 1, waiting)
