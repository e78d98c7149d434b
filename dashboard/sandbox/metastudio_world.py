"""MetaStudio's rooms, rule libraries and live jobs, and what becomes of them: no HTTP and no sockets here.

What a job's player causes is written to the audible record, told by callbacks, and handed to the RTC channel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.sandbox import metastudio_callbacks as callbacks
from dashboard.sandbox.faults import Fault, Target
from dashboard.sandbox.metastudio_audio import AudioLengths
from dashboard.sandbox.metastudio_job import BLOCKED, CANCELED, FAILED, PLAIN_VOICE, SUCCEED, Job, Notice, Request
from dashboard.sandbox.metastudio_review import frozen_word, is_exempt
from dashboard.sandbox.metastudio_shelves import JobShelf, Room, RuleGroup, Shelf
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
    # Seconds of livestreaming that the account has bought; -1: no end.
    "live_package_s": -1,
    # The account is in the vendor's whitelist, so no_need_review counts (002:6145).
    "review_whitelist": False,
    # The calls of metastudio_newer.py.
    "insert_commands": False,
    # Seconds of audio files, by URL, where they are not to be measured.
    "audio": {},
    # What the signature of a callback covers (A11 b): "url", or "path".
    "callback_signs": "url",
}

Listener = Callable[[Job, Notice], None]


class MetaStudioWorld:
    def __init__(self, world: World) -> None:
        self.world = world
        self.config: dict[str, Any] = {**DEFAULTS, "audio": {}}
        self.audio = AudioLengths(self.config)
        self.rooms: Shelf[Room] = Shelf()
        self.groups: Shelf[RuleGroup] = Shelf()
        self.jobs = JobShelf(KEEP_ENDED)
        self._made = 0
        self.live_used_s = 0.0
        """Of jobs that are over."""
        self.on_notice: Listener = lambda job, notice: None
        """Hears everything that the RTC channel may tell."""
        self._agenda = Agenda()
        world.faults.on_add.append(self._on_fault)
        world.callbacks.signers[VENDOR] = callbacks.sign

    def wall(self, at: float) -> str:
        """World time as this vendor prints it."""
        return print_time(self.world.clock.wall_at(at))

    def open_job_of(self, room: Room) -> Job | None:
        job = self.jobs.get(room.last_job)
        return job if job is not None and not job.ended else None

    def has_live_time(self, at: float) -> bool:
        """Whether some of the bought seconds are left; what is on air counts too."""
        bought = int(self.config["live_package_s"])
        return bought < 0 or self.live_used_s + sum(job.seconds(at) for job in self.jobs.open()) < bought

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
            number=self._made + 1,
            voice=self.world.voice(VENDOR, room.room_id, PLAIN_VOICE),
        )
        self.jobs.put(job)
        room.last_job = job.job_id
        self._made += 1
        self.settle(job, [Notice("state", at, {"state": job.phase})])
        return job

    def settle(self, job: Job, notices: list[Notice]) -> None:
        """Let `notices` take effect and note when the job moves next."""
        for notice in notices:
            self._settle_one(job, notice)
        self._agenda.put(job.job_id, job.due())
        self.world.touch()
        if notices and any(self._is_reported(job, notice) for notice in notices):
            # Only now, so that what the notices began is ended after it began.
            self.finish(job, BLOCKED, notices[-1].at)

    def _settle_one(self, job: Job, notice: Notice) -> None:
        if notice.event is not None:
            self.world.record.follow(VENDOR, job.job_id, notice.event)
            return
        if notice.kind == "opened":
            job.started = job.updated = self.wall(notice.at)
            return
        if notice.kind == "closed":
            self._close(job, notice)
            return
        if notice.data.get("silent"):
            return
        if notice.kind in callbacks.EVENTS:
            self._call_back(job, notice)
        self.on_notice(job, notice)

    def _is_reported(self, job: Job, notice: Notice) -> bool:
        """Something was heard to its end that somebody who watches reports: the task is frozen (002:9113)."""
        event = notice.event
        if event is None or event.kind != "finished" or event.item is None or job.ended:
            return False
        return bool(frozen_word(event.item.text)) and not is_exempt(job.room, bool(self.config["review_whitelist"]))

    def _close(self, job: Job, notice: Notice) -> None:
        job.ended = job.updated = self.wall(notice.at)
        self.live_used_s += job.seconds(notice.at)
        room = self.rooms.get(job.room_id)
        if room is not None and job.state == BLOCKED:
            room.blocked = job.block_reason
        if room is not None and room.body.get("room_type") == "TEMP":
            # A temporary room goes with its task (002:5880).
            self.rooms.drop(job.room_id)
        self.on_notice(job, notice)
        job.shed()
        self.jobs.close(job)

    def _call_back(self, job: Job, notice: Notice) -> None:
        config = job.room.get("live_event_callback_config") or {}
        callback = callbacks.build(config, room_id=job.room_id, job_id=job.job_id, kind=notice.kind, data=notice.data)
        if callback is not None:
            callback.data["signs"] = self.config["callback_signs"]
            self.world.callbacks.send(callback)

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
            audio_url=answer.audio_url,
            role=answer.role,
            play_type=answer.play_type,
            rule_index=answer.rule_index,
        )
        job.note(
            time=self.wall(at),
            event_type=event_type,
            content=content,
            rule_index=answer.rule_index,
            reply_id=request.ref,
            reply=answer.text or answer.audio_url,
            reply_role=answer.role,
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
        for job in self.jobs.open():
            if status in (SUCCEED, FAILED, CANCELED, BLOCKED) and fault.concerns(Target(VENDOR, None, job.job_id)):
                self.finish(job, status, self.world.clock.now())

    # --- what is shown ---------------------------------------------------------------------------------------------

    def overview(self, sockets: Callable[[str], int]) -> dict[str, Any]:
        """For the control API; `sockets`: how many RTC sockets a job has."""
        jobs = self.jobs.values()
        return {
            "rooms": len(self.rooms),
            "streams": {"used": self.jobs.open_count(), "limit": self.config["live_quota"]},
            "settings": self.config,
            "ended": dict(Counter(job.state for job in jobs if not job.is_open)),
            "sessions": [self._describe(job, sockets(job.job_id)) for job in self.jobs.open()],
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
            "made": self._made,
            "live_used_s": self.live_used_s,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.reset()
        self.config.update(saved["config"])
        self.audio.restore(saved["audio"])
        self.rooms.fill(Room(**row) for row in saved["rooms"])
        self.groups.fill(RuleGroup(**row) for row in saved["groups"])
        self.jobs.fill(Job.restored(row, self.audio.seconds) for row in saved["jobs"])
        self._made = int(saved.get("made", len(self.jobs)))
        self.live_used_s = float(saved.get("live_used_s", 0.0))
        for job in self.jobs.values():
            self._agenda.put(job.job_id, job.due())

    def reset(self) -> None:
        """Sessions go; so do the rooms, which are as much of this world as they are."""
        self.rooms.fill(())
        self.groups.fill(())
        self.jobs.fill(())
        self._made, self.live_used_s = 0, 0.0
        self._agenda = Agenda()
