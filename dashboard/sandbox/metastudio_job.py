"""One livestreaming task of the MetaStudio world: preparation, script, inserted requests, states, end.

No I/O. Every call says at which world second it happens and returns the notices that follow, in order; who hears them
(callback, RTC channel, record) is not decided here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.sandbox import metastudio_ssml as ssml
from dashboard.sandbox.metastudio_rules import Memory, RuleBook
from dashboard.sandbox.metastudio_script import NORMAL_SPEED, Paragraph, Script, script_of
from dashboard.sandbox.playback import Item, Player, PlayEvent
from dashboard.sandbox.speech import Speech, measure
from dashboard.sandbox.voices import Voice

WAITING, PROCESSING, SUCCEED = "WAITING", "PROCESSING", "SUCCEED"
FAILED, CANCELED, BLOCKED = "FAILED", "CANCELED", "BLOCKED"
OPEN = (WAITING, PROCESSING)
STATES = (WAITING, PROCESSING, SUCCEED, FAILED, CANCELED, BLOCKED)

# Seconds of the world. The reference prints none of them.
PREPARE_S = 3.0
CONNECT_S = 0.5
STOP_S = 1.0
DEFAULT_AUDIO_S = 3.0
PLAIN_VOICE = Voice()

# Of an ended job's room.
SHOWN_LATER = ("room_name", "output_urls", "live_event_callback_config", "rtc_callback_config", "co_streamer_config")
MOST_RECORDS, LONGEST_NOTE = 200, 300
SAYS_NOTHING = ("script", "microphone")


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind`: play (a PlayEvent for the record), state, progress, finish, switch, rtmp, closed."""

    kind: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)
    event: PlayEvent | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One thing somebody puts into the stream; `text` may be SSML that was checked before."""

    ref: str
    source: str = "takeover"
    text: str = ""
    audio_s: float = DEFAULT_AUDIO_S
    audio_url: str = ""
    play_type: str = "APPEND"
    role: str = "STREAMER"
    rule_index: str = ""
    silent: bool = False


class Job:
    def __init__(
        self,
        *,
        job_id: str,
        room_id: str,
        room: dict[str, Any],
        rtc_room: str,
        at: float,
        created: str,
        number: int,
        audio_seconds: Callable[[str], float] = lambda url: DEFAULT_AUDIO_S,
        voice: Voice = PLAIN_VOICE,
    ) -> None:
        self.voice = voice
        self.audio_seconds = audio_seconds
        self.job_id, self.room_id, self.rtc_room, self.number = job_id, room_id, rtc_room, number
        # The room as it was at the start, with what the start call overrides; later edits do not reach a live job.
        self.room = room
        self.state = WAITING
        self.phase = "PREPROCESSING"
        self.created = self.updated = created
        self.started = self.ended = ""
        self.ready_at: float | None = at + PREPARE_S
        self.started_at: float | None = None
        self.closes_at: float | None = None
        self.ended_at: float | None = None
        self.end_state = SUCCEED
        self.error: dict[str, str] = {}
        self.block_reason = ""
        self.outputs: list[dict[str, Any]] = []
        self.script: Script = script_of(room.get("scene_scripts") or [], self.policy, job_id)
        self.rules = RuleBook(list(room.get("interaction_rules") or []), seed=job_id)
        self.player = Player(self._next_paragraph)
        self.before_voice = ""
        self.voices = 0
        self.viewers: int | None = None
        self.spoken_items = 0
        # How many sentence ends of the present item were told as progress.
        self.told = 0
        # What the rules answered to whom: the job's log (002:9175).
        self.records: list[dict[str, Any]] = []

    # --- reading ---------------------------------------------------------------------------------------------------

    @property
    def policy(self) -> Mapping[str, Any]:
        return self.room.get("play_policy") or {}

    @property
    def is_open(self) -> bool:
        return self.state in OPEN and self.closes_at is None

    @property
    def is_running(self) -> bool:
        return self.state == PROCESSING and self.closes_at is None

    def seconds(self, at: float) -> float:
        if self.started_at is None:
            return 0.0
        return max(0.0, (at if self.ended_at is None else self.ended_at) - self.started_at)

    def due(self) -> float | None:
        """When something happens by itself."""
        times = [self.ready_at, self.closes_at, self.player.next_due(), self._next_progress()]
        times += [output["due"] for output in self.outputs]
        return min((time for time in times if time is not None), default=None)

    def _next_progress(self) -> float | None:
        item = self.player.current
        if item is None or self.player.paused_at is not None or self.told >= len(item.sentence_ends) - 1:
            return None
        return self.player.started_at + item.sentence_ends[self.told]

    # --- time ------------------------------------------------------------------------------------------------------

    def advance(self, at: float) -> list[Notice]:
        """Play on up to `at`, step by step, so that what follows from a step comes at that step's own time."""
        notices: list[Notice] = []
        while (due := self.due()) is not None and due <= at:
            notices += self._step(due)
        return notices

    def _step(self, at: float) -> list[Notice]:
        notices: list[Notice] = []
        if self.ready_at is not None and self.ready_at <= at:
            notices += self._go_on_air(at)
        notices += self._connect_outputs(at)
        if (progress := self._next_progress()) is not None and progress <= at:
            notices += self._tell_progress(at)
        notices += self._play(self.player.advance(at))
        if self.closes_at is not None and self.closes_at <= at:
            notices += self._close(at)
        return notices

    def _go_on_air(self, at: float) -> list[Notice]:
        self.ready_at, self.started_at, self.state = None, at, PROCESSING
        urls = self.room.get("output_urls") or []
        keys = self.room.get("stream_keys") or []
        for number, url in enumerate(urls):
            self._push(url, keys[number] if number < len(keys) else "", at)
        notices = [Notice("opened", at), self._enter("PLAY_READY", at)]
        if self.policy.get("auto_play_script") is not False:
            notices.append(self._enter("PROCESSING", at))
        return notices + self._play(self.player.start(at))

    def _push(self, url: str, key: str, at: float) -> None:
        self.outputs.append({"output_url": url, "stream_key": key, "state": "CONNECTING", "told": "", "due": at})

    def _connect_outputs(self, at: float) -> list[Notice]:
        notices = []
        for output in self.outputs:
            if output["due"] is None or output["due"] > at:
                continue
            output["due"] = None
            output["told"] = output["state"]
            notices.append(Notice("rtmp", at, {name: output[name] for name in ("output_url", "stream_key", "state")}))
            if output["state"] in ("CONNECTING", "RECONNECTING"):
                output["state"], output["due"] = "CONNECTED", at + CONNECT_S
            elif output["state"] == "DISCONNECTED":
                output["state"], output["due"] = "RECONNECTING", at + CONNECT_S
        self.outputs = [output for output in self.outputs if output["told"] != "END"]
        return notices

    def lose_output(self, at: float) -> None:
        """The platform cuts the pushed streams; they come back by themselves."""
        for output in self.outputs:
            output["state"], output["due"] = "DISCONNECTED", at

    def replace_outputs(self, urls: list[str], keys: list[str], at: float) -> None:
        self.room = {**self.room, "output_urls": urls, "stream_keys": keys}
        self._end_outputs(at)
        if self.started_at is not None:
            for number, url in enumerate(urls):
                self._push(url, keys[number] if number < len(keys) else "", at)

    def _end_outputs(self, at: float) -> None:
        for output in self.outputs:
            output["state"], output["due"] = "END", at

    # --- the end ---------------------------------------------------------------------------------------------------

    def end(self, at: float, state: str = "", *, error: dict[str, str] | None = None, reason: str = "") -> list[Notice]:
        """Stop speaking now; the task is over a moment later. Within it only the review can change how it ends."""
        if not self.is_open:
            if self.closes_at is not None and state == BLOCKED:
                self.end_state, self.block_reason = state, reason
            return []
        self.end_state = state or (CANCELED if self.state == WAITING else SUCCEED)
        self.error, self.block_reason = error or {}, reason
        self.ready_at, self.closes_at = None, at + STOP_S
        self._end_outputs(at)
        notices = self._play(self.player.stop(at))
        return [*notices, *self._connect_outputs(at), self._enter("PLAY_END", at)]

    def _close(self, at: float) -> list[Notice]:
        self.closes_at, self.ended_at, self.state = None, at, self.end_state
        return [Notice("closed", at)]

    def shed(self) -> None:
        """It is over: keep what is still shown of it, so that thousands of ended jobs stay light."""
        self.room = {name: self.room[name] for name in SHOWN_LATER if name in self.room}
        self.script, self.rules = Script(), RuleBook(seed=self.job_id)

    def note(self, **record: Any) -> None:
        """One line of the interaction log; the oldest go first."""
        shown = {name: value[:LONGEST_NOTE] if isinstance(value, str) else value for name, value in record.items()}
        self.records = [*self.records[-MOST_RECORDS + 1 :], shown]

    # --- requests --------------------------------------------------------------------------------------------------

    def say(self, request: Request, at: float) -> list[Notice]:
        item = self._item(request)
        item.ready_at = at + self.voice.latency_s
        if request.play_type == "PLAY_NOW" and self.phase != "TAKE_OVER":
            return self._play(self.player.play_now(item, at))
        if request.play_type == "PLAY_NOW":
            # While a human speaks nothing can cut in; it is the first thing heard afterwards, before what is inserted.
            item.is_insert = True
            return self._play(self.player.place(item, 0, at))
        if request.play_type == "INSERT":
            return self._play(self.player.insert(item, at))
        return self._play(self.player.append(item, at))

    def cancel(self, ref: str, at: float) -> list[Notice]:
        """Take back one request that waits."""
        return self._play(self.player.cancel(ref, at)[1])

    def _item(self, request: Request) -> Item:
        data: dict[str, Any] = {"silent": request.silent, "role": request.role, "rule_index": request.rule_index}
        data["play_type"] = request.play_type
        if request.text:
            speech = self.speech(request.text, self._speed(request.role))
            data["offsets"] = offsets_of(speech)
            if request.text != speech.text:
                data["said"] = request.text
            return Item(request.ref, request.source, speech.text, speech.duration_s, speech.sentence_ends, data=data)
        data["audio_url"] = request.audio_url
        return Item(request.ref, request.source, "", request.audio_s, (request.audio_s,), data=data)

    def _speed(self, role: str) -> int:
        if role == "CO_STREAMER":
            voice = (self.room.get("co_streamer_config") or {}).get("voice_config") or {}
            return int(voice.get("speed") or NORMAL_SPEED)
        paragraph = self.script.latest()
        return paragraph.speed if paragraph else NORMAL_SPEED

    def speech(self, text: str, speed: int) -> Speech:
        return self.speech_at(text, self.voice.pace * speed / NORMAL_SPEED)

    @staticmethod
    def speech_at(text: str, rate: float) -> Speech:
        try:
            spoken = ssml.read(text)
        except ssml.SsmlError:
            return measure(text, rate=rate)
        return measure(spoken.timed, rate=spoken.rate * rate)

    def _next_paragraph(self) -> Item | None:
        paragraph = self.script.take() if self.phase == "PROCESSING" else None
        if paragraph is None:
            return None
        self.spoken_items += 1
        ref = f"script-{self.spoken_items}"
        data: dict[str, Any] = {
            "scene": paragraph.scene,
            "sequence_no": paragraph.sequence_no,
            "title": paragraph.title,
        }
        if not paragraph.text:
            seconds = self.audio_seconds(paragraph.audio_url)
            return Item(ref, "script", "", seconds, (seconds,), data=data)
        speech = self.speech(paragraph.text, paragraph.speed)
        data["offsets"] = offsets_of(speech)
        return Item(ref, "script", speech.text, speech.duration_s, speech.sentence_ends, data=data)

    def rewrite_script(self, paragraphs: list[Paragraph], at: float) -> list[Notice]:
        self.script.rewrite(paragraphs)
        return self._play(self.player.wake(at))

    # --- commands of the RTC channel (002:14126-14142) -------------------------------------------------------------

    def control(self, command: str, at: float, *, at_sentence_end: bool = False) -> list[Notice]:
        """One that does not fit the state changes nothing."""
        if command == "play_start" and self.phase == "PLAY_READY":
            return [self._enter("PROCESSING", at), *self._play(self.player.wake(at))]
        if command == "play_pause" and self.phase == "PROCESSING":
            return self._play(self.player.pause(at, at_sentence_end=at_sentence_end))
        if command == "play_resume" and self.phase == "PLAY_PAUSE":
            return self._resume(at)
        if command == "voice_start" and self.phase in ("PROCESSING", "PLAY_READY", "PLAY_PAUSE"):
            self.before_voice = self.phase
            self.voices += 1
            notice = self._enter("TAKE_OVER", at)
            voice = Item(self.voice_ref, "microphone", duration_s=None)
            return [notice, *self._play(self.player.play_now(voice, at))]
        if command == "voice_end" and self.phase == "TAKE_OVER":
            return self._end_voice(at)
        return []

    def _resume(self, at: float) -> list[Notice]:
        """The script may go on before the player does: paused between two paragraphs, it asks for the next at once."""
        notice = self._enter("PROCESSING", at)
        if self.player.paused_at is not None:
            return [notice, *self._play(self.player.resume(at))]
        # A PLAY_NOW ended the player's pause; what still waited was the script.
        return [notice, *self._play(self.player.wake(at))]

    def _end_voice(self, at: float) -> list[Notice]:
        notices = [self._enter(self.before_voice or "PROCESSING", at)]
        current = self.player.current
        if current is not None and current.source == "microphone":
            notices += self._play(self.player.close_open(current.ref, at))
        if self.phase == "PLAY_PAUSE":
            notices += self._play(self.player.pause(at))
        return notices + self._play(self.player.wake(at))

    @property
    def voice_ref(self) -> str:
        """Of the human who took over, or who did last."""
        return f"voice-{self.number}:{self.voices}"

    def hear(self, seconds: float) -> None:
        """Sound of the human's microphone."""
        current = self.player.current
        if self.phase == "TAKE_OVER" and current is not None:
            self.player.extend(current.ref, seconds)

    # --- what the player's events mean -----------------------------------------------------------------------------

    def _play(self, events: list[PlayEvent]) -> list[Notice]:
        notices: list[Notice] = []
        for event in events:
            notices.append(Notice("play", event.at, event=event))
            item = event.item
            if event.kind == "started" and item is not None:
                self.told = 0
                notices += self._tell_start(item, event.at)
            elif event.kind == "finished" and item is not None and item.source not in SAYS_NOTHING:
                notices.append(Notice("finish", event.at, {"reply_id": item.ref, "silent": item.data.get("silent")}))
            elif event.kind == "paused" and self.phase != "PLAY_PAUSE":
                notices.append(self._enter("PLAY_PAUSE", event.at))
            elif event.kind == "idle" and self.phase == "PROCESSING" and self.script.is_over:
                notices += self.end(event.at)
        return notices

    def _tell_start(self, item: Item, at: float) -> list[Notice]:
        if item.source == "microphone":
            return []
        notices = [Notice("switch", at, dict(item.data))] if item.source == "script" else []
        return [*notices, self._progress(item, 0, at)]

    def _tell_progress(self, at: float) -> list[Notice]:
        item = self.player.current
        self.told += 1
        offsets = [] if item is None else item.data.get("offsets", [])
        if item is None or self.told > len(offsets):
            return []
        return [self._progress(item, offsets[self.told - 1], at)]

    def _progress(self, item: Item, offset: int, at: float) -> Notice:
        paragraph = self.script.latest()
        data: dict[str, Any] = {"offset": str(offset)}
        if paragraph is not None:
            data["script_name"] = paragraph.scene
            data["shoot_script_sequence_no"] = paragraph.sequence_no
            data["shoot_script_title"] = paragraph.title
        if item.source != "script":
            data["reply_id"] = item.ref
        return Notice("progress", at, {**data, "silent": item.data.get("silent", False)})

    def _enter(self, phase: str, at: float) -> Notice:
        self.phase = phase
        return Notice("state", at, {"state": phase})

    # --- saved state -----------------------------------------------------------------------------------------------

    PLAIN = (
        *(
            "job_id",
            "room_id",
            "room",
            "rtc_room",
            "number",
            "state",
            "phase",
            "created",
            "updated",
            "started",
            "ended",
        ),
        *("ready_at", "started_at", "closes_at", "ended_at", "end_state", "error", "block_reason", "outputs"),
        *("before_voice", "viewers", "spoken_items", "told", "records"),
    )

    def snapshot(self) -> dict[str, Any]:
        memory = {key: asdict(one) for key, one in self.rules.memory.items()}
        return {
            **{name: getattr(self, name) for name in self.PLAIN},
            "outputs": [dict(output) for output in self.outputs],
            "script": self.script.snapshot(),
            "player": self.player.snapshot(),
            "voice": self.voice.saved(),
            "rules": {"rules": self.rules.rules, "memory": memory},
        }

    @classmethod
    def restored(cls, saved: Mapping[str, Any], audio_seconds: Callable[[str], float]) -> Job:
        job = cls(
            job_id=saved["job_id"],
            room_id=saved["room_id"],
            room=saved["room"],
            rtc_room=saved["rtc_room"],
            at=0.0,
            created=saved["created"],
            number=saved["number"],
            audio_seconds=audio_seconds,
            # States saved before voices differed go on in the plain one.
            voice=Voice(**saved["voice"]) if "voice" in saved else PLAIN_VOICE,
        )
        for name in cls.PLAIN:
            # States saved before a version knew a name go on with its beginning.
            setattr(job, name, saved.get(name, getattr(job, name)))
        # The script is made again from the room, which carries every rewrite.
        job.script = script_of(job.room.get("scene_scripts") or [], job.policy, job.job_id)
        job.script.restore(saved["script"])
        job.player.restore(saved["player"])
        job.rules.rules = saved["rules"]["rules"]
        job.rules.memory = {key: Memory(**one) for key, one in saved["rules"]["memory"].items()}
        return job


def offsets_of(speech: Speech) -> list[int]:
    """At which character each sentence ends."""
    return [bisect_right(speech.reached, end + 1e-9) for end in speech.sentence_ends]
