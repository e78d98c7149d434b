"""One SoftSugar live session: its status, its picture, its player. Knows no sockets and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.sandbox.playback import Player
from dashboard.sandbox.voices import Voice

SYNTHESIS_S = 0.3
"""World seconds from a text to its first sound, when nothing else plays."""
PLAIN_VOICE = Voice(latency_s=SYNTHESIS_S)

LIVE, CLOSED, FAILED, CREATING, READY, LOST, NOT_MADE = 2, 5, 9, 32, 35, 50, 99
SYSTEM_FULL, ACCOUNT_FULL = 97, 98
RUNNING = (LIVE, CREATING, READY)


@dataclass(slots=True)
class Picture:
    """Which digital human is on screen and since when: what frame notices are counted from (004:626)."""

    role: str = ""
    since: float = 0.0
    first_frame: int = 0
    notify: dict[str, list[int]] = field(default_factory=dict)
    """Per digital human, the frames that are told, in rising order."""
    told: int = 0
    """How many of them have been told since this digital human is on screen."""
    frames_per_s: int = 25

    def show(self, role: str, at: float, first_frame: int = 0) -> None:
        self.role, self.since, self.first_frame = role, at, first_frame
        self.told = sum(1 for frame in self.notify.get(role, []) if frame < first_frame)

    def next_notice(self) -> tuple[float, int] | None:
        frames = self.notify.get(self.role, [])
        if self.told >= len(frames):
            return None
        frame = frames[self.told]
        return self.since + (frame - self.first_frame) / self.frames_per_s, frame


@dataclass(slots=True)
class Session:
    id: str
    token: str
    status: int
    created_at: float
    created_wall: str
    created_real: float
    beat_real: float
    user_data: str | None = None
    ready_at: float = 0.0
    fails_to_start: bool = False
    live_wall: str | None = None
    ended_wall: str | None = None
    ended_real: float | None = None
    rtc: dict[str, str] = field(default_factory=dict)
    is_external_rtc: bool = False
    rtc_until: float | None = None
    """Real second at which the token that the user brought runs out; None: it did, or it is the platform's own."""
    is_pro: bool = False
    resolution: list[int] = field(default_factory=lambda: [1080, 1920])
    files: list[str] = field(default_factory=list)
    """Digital humans and preheated files that a control command may name."""
    picture: Picture = field(default_factory=Picture)
    player: Player = field(default_factory=Player)
    voice: Voice = PLAIN_VOICE
    used_refs: set[str] = field(default_factory=set)
    microphone: str = ""
    """commandTraceId of the open microphone."""
    microphone_until: float | None = None
    """Its socket is gone: freed at this real second."""
    renewals: int = 0
    controls: int = 0

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    @property
    def has_stream(self) -> bool:
        """The stream exists, so RTC values are told (B22)."""
        return self.status in (LIVE, READY)

    def next_due(self) -> float | None:
        if self.status == CREATING:
            return self.ready_at
        if self.status != LIVE:
            return None
        notice = self.picture.next_notice()
        times = [self.player.next_due(), None if notice is None else notice[0]]
        return min((time for time in times if time is not None), default=None)

    def next_real_due(self, heartbeat_s: float, stream_s: float) -> float | None:
        if not self.is_running:
            return None
        times = (self.beat_real + heartbeat_s, self.created_real + stream_s, self.microphone_until, self.rtc_until)
        return min(time for time in times if time is not None)

    def snapshot(self) -> dict[str, Any]:
        plain = {
            name: getattr(self, name)
            for name in Session.__slots__
            if name not in ("picture", "player", "used_refs", "voice")
        }
        return {
            **plain,
            "files": list(self.files),
            "rtc": dict(self.rtc),
            "used_refs": sorted(self.used_refs),
            "picture": {name: getattr(self.picture, name) for name in Picture.__slots__},
            "player": self.player.snapshot(),
            "voice": self.voice.saved(),
        }

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> Session:
        player = Player()
        player.restore(saved["player"])
        # States saved before voices differed go on in the plain one.
        voice = Voice(**saved["voice"]) if "voice" in saved else PLAIN_VOICE
        special = {"used_refs": set(saved["used_refs"]), "picture": Picture(**saved["picture"]), "player": player}
        special["voice"] = voice
        return cls(**{**saved, **special})
