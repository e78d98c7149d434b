"""MetaStudio's rooms, rule libraries and live jobs, and what becomes of them: no HTTP and no sockets here.

What a job's player causes is written to the audible record, told by callbacks, and handed to the RTC channel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.sandbox import metastudio_callbacks as callbacks
from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.metastudio_audio import AudioLengths
from dashboard.sandbox.metastudio_job import BLOCKED, CANCELED, FAILED, OPEN, SUCCEED, Job, Notice, Request
from dashboard.sandbox.metastudio_wire import print_time
from dashboard.sandbox.world import Agenda, World

VENDOR = "metastudio"
KEEP_ENDED = 5_000
# What is queued and unplayed in one job; beyond it the vendor refuses (MSS.20010011).
LONGEST_QUEUE = 200
DEFAULTS: dict[str, Any] = {
    "region": "cn-north-4",
    "command_channel": True,
    "live_quota": 2_000,
    # The calls of metastudio_newer.py.
    "insert_commands": False,
    # Seconds of audio files, by URL, where they are not to be measured.
    "audio": {},
    # What the signature of a callback covers (A11 b): "url", or "path".
    "callback_signs": "url",
}

Listener = Callable[[Job, Notice], None]


@dataclass
class Room:
    room_id: str
    body: dict[str, Any]
    created: str
    updated: str
    last_job: str = ""


@dataclass
class RuleGroup:
    group_id: str
    body: dict[str, Any]
    created: str
    updated: str


class MetaStudioWorld:
    def __init__(self, world: World) -> None:
        self.world = world
        self.config: dict[str, Any] = {**DEFAULTS, "audio": {}}
        self.audio = AudioLengths(self.config)
        self.rooms: dict[str, Room] = {}
        self.groups: dict[str, RuleGroup] = {}
        self.jobs: dict[str, Job] = {}
        self.on_notice: Listener = lambda job, notice: None
        """Hears everything that the RTC channel may tell."""
        self._agenda = Agenda()
        world.faults.on_add.append(self._on_fault)
        world.callbacks.signers[VENDOR] = callbacks.sign

    def wall(self, at: float) -> str:
        """World time as this vendor prints it."""
        return print_time(self.world.clock.wall_at(at))

    def open_jobs(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.state in OPEN]

    def open_job_of(self, room: Room) -> Job | None:
        job = self.jobs.get(room.last_job)
        return job if job is not None and job.state in OPEN else None

    # --- jobs ------------------------------------------------------------------------------------------------------

    def start(self, room: Room, overrides: Mapping[str, Any], at: float) -> Job:
        ids = self.world.ids
        job = Job(
            job_id=ids.uuid("metastudio.job"),
            room_id=room.room_id,
            room={**room.body, **overrides},
            rtc_room=ids.hex("metastudio.rtc-room"),
            at=at,
            created=self.wall(at),
            audio_seconds=self.audio.seconds,
            number=len(self.jobs) + 1,
        )
        self.jobs[job.job_id] = job
        room.last_job = job.job_id
        self._forget_oldest()
        self.settle(job, [Notice("state", at, {"state": job.phase})])
        return job

    def settle(self, job: Job, notices: list[Notice]) -> None:
        """Let `notices` take effect and note when the job moves next."""
        for notice in notices:
            self._settle_one(job, notice)
        self._agenda.put(job.job_id, job.due())
        self.world.touch()

    def _settle_one(self, job: Job, notice: Notice) -> None:
        if notice.event is not None:
            self.world.record.follow(VENDOR, job.job_id, notice.event)
            return
        if notice.kind == "opened":
            job.started = job.updated = self.wall(notice.at)
            return
        if notice.kind == "closed":
            job.ended = job.updated = self.wall(notice.at)
            self._clear_temporary(job)
            self.on_notice(job, notice)
            return
        if notice.data.get("silent"):
            return
        if notice.kind in callbacks.EVENTS:
            self._call_back(job, notice)
        self.on_notice(job, notice)

    def _call_back(self, job: Job, notice: Notice) -> None:
        config = job.room.get("live_event_callback_config") or {}
        callback = callbacks.build(config, room_id=job.room_id, job_id=job.job_id, kind=notice.kind, data=notice.data)
        if callback is not None:
            callback.data["signs"] = self.config["callback_signs"]
            self.world.callbacks.send(callback)

    def _clear_temporary(self, job: Job) -> None:
        """A TEMP room goes with its task (002:5884)."""
        room = self.rooms.get(job.room_id)
        if room is not None and room.body.get("room_type") == "TEMP":
            del self.rooms[job.room_id]

    def _forget_oldest(self) -> None:
        if len(self.jobs) > KEEP_ENDED:
            oldest = next((key for key, job in self.jobs.items() if job.ended), None)
            if oldest is not None:
                del self.jobs[oldest]

    def say(self, job: Job, request: Request, at: float) -> None:
        self.settle(job, job.say(request, at))

    def reply(self, job: Job, event_type: int, content: str | None, at: float) -> None:
        """What the room's own rules answer to one reported event; the reply has an id of the vendor's."""
        paragraph = job.script.latest()
        answer = job.rules.answer(event_type, content, at, paragraph.scene if paragraph else "")
        if not job.is_running or answer is None or len(job.player.queue) >= LONGEST_QUEUE:
            return
        request = Request(
            ref=self.world.ids.uuid("metastudio.reply"),
            source="rule",
            text=answer.text,
            audio_s=self.audio.seconds(answer.audio_url),
            role=answer.role,
            rule_index=answer.rule_index,
        )
        self.say(job, request, at)

    def finish(self, job: Job, status: str, at: float) -> None:
        """The task ends by itself with a state of the vendor's choice."""
        error = {"error_code": "MSS.20010037", "error_msg": "Live task has been expired"} if status == FAILED else None
        reason = "The content of the live room was reported." if status == BLOCKED else ""
        self.settle(job, job.end(at, status, error=error, reason=reason))

    # --- time and faults -------------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        for due, job_id in self._agenda.pop_due(now):
            job = self.jobs.get(job_id)
            if job is not None:
                self.settle(job, job.advance(due))

    def _on_fault(self, fault: Fault) -> None:
        if fault.kind != "session_end":
            return
        if fault.vendor == VENDOR:
            self.world.faults.take("session_end", Target(VENDOR, None, fault.session))
        status = str(fault.params.get("status") or FAILED)
        for job in self.open_jobs():
            if status in (SUCCEED, FAILED, CANCELED, BLOCKED) and fault.concerns(Target(VENDOR, None, job.job_id)):
                self.finish(job, status, self.world.clock.now())

    # --- what is shown ---------------------------------------------------------------------------------------------

    def overview(self, sockets: Callable[[str], int]) -> dict[str, Any]:
        """For the control API; `sockets`: how many RTC sockets a job has."""
        jobs = self.jobs.values()
        return {
            "rooms": len(self.rooms),
            "streams": {"used": len(self.open_jobs()), "limit": self.config["live_quota"]},
            "settings": self.config,
            "ended": dict(Counter(job.state for job in jobs if not job.is_open)),
            "sessions": [self._describe(job, sockets(job.job_id)) for job in self.open_jobs()],
        }

    def _describe(self, job: Job, sockets: int) -> dict[str, Any]:
        playing, now = job.player.current, self.world.clock.now()
        item = None
        if playing is not None:
            heard = job.player.elapsed(now)
            item = {"ref": playing.ref, "source": playing.source, "text": playing.text, "elapsed_s": heard}
        return {
            "session": job.job_id,
            "room": job.room_id,
            "room_name": job.room.get("room_name"),
            "state": job.state,
            "phase": job.phase,
            "sockets": sockets,
            "playing": item,
            "queue": [waiting.ref for waiting in job.player.queue],
            "outputs": [output["state"] for output in job.outputs],
            "viewers": job.viewers,
            "duration_s": round(job.seconds(now), 1),
        }

    # --- saved state -----------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        return {
            "config": {**self.config, "audio": dict(self.config["audio"])},
            "audio": self.audio.snapshot(),
            # Bodies are replaced, never changed in place, so they need no copy.
            "rooms": [dict(vars(room)) for room in self.rooms.values()],
            "groups": [dict(vars(group)) for group in self.groups.values()],
            "jobs": [job.snapshot() for job in self.jobs.values()],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.reset()
        self.config.update(saved["config"])
        self.audio.restore(saved["audio"])
        self.rooms = {row["room_id"]: Room(**row) for row in saved["rooms"]}
        self.groups = {row["group_id"]: RuleGroup(**row) for row in saved["groups"]}
        for row in saved["jobs"]:
            job = Job.restored(row, self.audio.seconds)
            self.jobs[job.job_id] = job
            self._agenda.put(job.job_id, job.due())

    def reset(self) -> None:
        """Sessions go; so do the rooms, which are as much of this world as they are."""
        self.rooms.clear()
        self.groups.clear()
        self.jobs.clear()
        self._agenda = Agenda()
