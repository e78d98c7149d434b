"""What the faces share: time, ids, credentials, faults, the audible record, the senders; and how a world goes on."""

from __future__ import annotations

import hashlib
import heapq
import json
import secrets
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from dashboard.lib.clock import Clock
from dashboard.sandbox.audience import Audience
from dashboard.sandbox.callbacks import CallbackSender
from dashboard.sandbox.clock import WorldClock
from dashboard.sandbox.faults import Faults, Target
from dashboard.sandbox.http import Request, Response, Socket
from dashboard.sandbox.record import AudibleRecord
from dashboard.sandbox.sound_log import SoundLog
from dashboard.sandbox.voices import Voice, voice_of


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    host: str = "127.0.0.1"
    port: int = 8900
    folder: Path | None = None
    """Where state is kept; None keeps nothing."""
    seed: int | None = None
    """None: drawn on first start and kept, so that a new world does not repeat the ids of an old one."""
    ticks: bool = True
    """False: the world moves only by `advance()`; for tests."""
    softsugar_streams: int = 2000
    """Streams that one SoftSugar account may have at once; beyond it 98."""
    softsugar_heartbeat_s: float = 75.0
    """The threshold is not printed (004:83 recommends a beat each 60 s); we close a little after it."""
    softsugar_prepare_s: float = 3.0
    microphone_release_s: float = 10.0
    voices_differ: bool = False
    """Each room has a speed and a latency of its own; off where a test counts seconds."""


class Face(Protocol):
    """One vendor as seen from outside."""

    vendor: str

    def locate(self, request: Request) -> Target | None:
        """Whom the request concerns, for faults; None: not my path."""

    async def http(self, request: Request) -> Response | None:
        """None: not my path."""

    async def websocket(self, socket: Socket) -> bool:
        """False: not my path (and nothing was read from the socket)."""

    def fault_answer(self, status: int, params: dict[str, Any]) -> Response:
        """How this vendor words a failure of its own."""

    def advance(self, now: float) -> None:
        """Play on up to world time `now`, in order of due time; check real-time timers against `world.clock.real()`."""

    def overview(self) -> dict[str, Any]:
        """For GET /sandbox/state."""

    def snapshot(self) -> dict[str, Any]: ...

    def restore(self, saved: dict[str, Any]) -> None: ...

    def reset(self) -> None: ...


class Ids:
    """Same seed and same order of requests: same ids. Each kind has its own count, so that one never shifts another."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: dict[str, int] = {}

    def hex(self, kind: str, length: int = 32) -> str:
        number = self.counts[kind] = self.counts.get(kind, 0) + 1
        return hashlib.sha256(f"{self.seed}:{kind}:{number}".encode()).hexdigest()[:length]

    def uuid(self, kind: str) -> str:
        return str(uuid.UUID(self.hex(kind)))

    def number(self, kind: str, below: int) -> int:
        return int(self.hex(kind, 15), 16) % below


@dataclass(slots=True)
class Credentials:
    """Made on first start, kept in the state, printed by the sandbox: for one's own machine, never real secrets."""

    ak: str
    sk: str
    project_id: str
    softsugar_token: str
    iam_user: str
    iam_password: str
    iam_domain: str

    @classmethod
    def make(cls) -> Credentials:
        return cls(
            ak="SANDBOX" + secrets.token_hex(7).upper()[:13],
            sk=secrets.token_urlsafe(30)[:40],
            project_id=secrets.token_hex(16),
            softsugar_token=secrets.token_urlsafe(32),
            iam_user="rehearsal",
            iam_password=secrets.token_urlsafe(12),
            iam_domain="sandbox",
        )

    def lines(self) -> dict[str, str]:
        """The names under which the sandbox prints them."""
        return {
            "SANDBOX_AK": self.ak,
            "SANDBOX_SK": self.sk,
            "SANDBOX_PROJECT_ID": self.project_id,
            "SANDBOX_SOFTSUGAR_TOKEN": self.softsugar_token,
            "SANDBOX_IAM_DOMAIN": self.iam_domain,
            "SANDBOX_IAM_USER": self.iam_user,
            "SANDBOX_IAM_PASSWORD": self.iam_password,
        }


ROUNDING_S = 1e-6
"""Sums of seconds in floating point may miss each other by less than this."""


class Agenda:
    """Keys by due time. Putting a key again moves it; what falls due together comes in the order it was put."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, str]] = []
        self._due: dict[str, tuple[float, int]] = {}
        self._number = 0

    def put(self, key: str, due: float | None) -> None:
        if due is None:
            self._due.pop(key, None)
            return
        if self._due.get(key, (None, 0))[0] == due:
            return
        self._number += 1
        self._due[key] = (due, self._number)
        heapq.heappush(self._heap, (due, self._number, key))

    def next_due(self) -> float | None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][:2]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Iterator[tuple[float, str]]:
        """Each due key once, removed before it is yielded, so that the receiver can put it again."""
        while (due := self.next_due()) is not None and due <= now + ROUNDING_S:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            yield due, key


class FrameLog:
    """Which frames left, and when to the nanosecond: latency is measured against it."""

    def __init__(self, keep: int = 2_000) -> None:
        self._frames: deque[tuple[int, str, str, bytes, int, datetime]] = deque(maxlen=keep)
        self._number = 0

    def add(self, *, vendor: str, session: str, frame: str, monotonic_ns: int, wall: datetime) -> None:
        """`frame` as it was sent; it stays packed until somebody asks."""
        self._number += 1
        self._frames.append((self._number, vendor, session, frame.encode(), monotonic_ns, wall))

    def since(self, seq: int, session: str | None = None) -> list[dict[str, Any]]:
        return [
            {
                "seq": number,
                "vendor": vendor,
                "session": owner,
                "frame": json.loads(frame),
                "monotonic_ns": monotonic_ns,
                "wall": wall.isoformat(),
            }
            for number, vendor, owner, frame, monotonic_ns, wall in self._frames
            if number > seq and session in (None, owner)
        ]


class World:
    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        self.config = config
        self.clock = WorldClock(clock)
        self.base_url = f"http://{config.host}:{config.port}"
        self.ids = Ids(secrets.randbelow(2**31) if config.seed is None else config.seed)
        self.credentials = Credentials.make()
        self.faults = Faults(clock.monotonic)
        self.record = AudibleRecord(self.clock)
        self.frames = FrameLog()
        self.sound = SoundLog(self.clock.source)
        self.callbacks = CallbackSender(self.clock, self.faults)
        self.audience = Audience(self.clock, self.faults)
        self.faces: list[Face] = []
        self.changes = 0
        self.faults.on_change.append(self._on_faults)

    def voice(self, vendor: str, room: str, plain: Voice) -> Voice:
        """How this room sounds; `plain` where voices do not differ. Nothing that is asked from outside tells it."""
        return voice_of(self.ids.seed, vendor, room) if self.config.voices_differ else plain

    def touch(self) -> None:
        """Something worth saving happened."""
        self.changes += 1

    def face(self, vendor: str) -> Face:
        return next(face for face in self.faces if face.vendor == vendor)

    def advance(self) -> None:
        """Play everything that fell due, oldest first within each face."""
        self.faults.expire()
        now = self.clock.now()
        for face in self.faces:
            face.advance(now)
        if self.audience.advance(now):
            self.touch()

    def _on_faults(self) -> None:
        """Both vendors share one clock, so a skew concerns both whatever it names."""
        skew = self.faults.armed("skew")
        self.clock.skew_s = float(skew.params.get("seconds", 0.0)) if skew else 0.0
        self.clock.hold(self.faults.world_stands())

    def snapshot(self) -> dict[str, Any]:
        return {
            "clock": self.clock.snapshot(),
            "ids": {"seed": self.ids.seed, "counts": dict(self.ids.counts)},
            "credentials": {name: getattr(self.credentials, name) for name in Credentials.__slots__},
            "record": self.record.snapshot(),
            "callbacks": self.callbacks.snapshot(),
            "audience": self.audience.snapshot(),
            "faces": {face.vendor: face.snapshot() for face in self.faces},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.clock.restore(saved["clock"])
        self.ids.seed, self.ids.counts = int(saved["ids"]["seed"]), dict(saved["ids"]["counts"])
        self.credentials = Credentials(**saved["credentials"])
        self.record.restore(saved["record"])
        self.callbacks.restore(saved["callbacks"])
        self.audience.restore(saved["audience"])
        for face in self.faces:
            if face.vendor in saved["faces"]:
                face.restore(saved["faces"][face.vendor])

    def reset(self) -> None:
        """Forget all sessions, records and faults; credentials, ids and callback addresses stay."""
        self.faults.clear()
        self.record.clear()
        self.sound.clear()
        self.audience.clear()
        self.callbacks.forget_waiting()
        for face in self.faces:
            face.reset()
        self.touch()
