"""How each room's voice differs: its speed, and how long the vendor takes from a request to the first sound. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

SLOWEST, FASTEST = 0.7, 1.4
SOONEST_S, LATEST_S = 0.15, 1.2


@dataclass(frozen=True, slots=True)
class Voice:
    """`pace` times normal speed; `latency_s` world seconds until a request can be heard, if nothing else plays."""

    pace: float = 1.0
    latency_s: float = 0.0

    def saved(self) -> dict[str, float]:
        return {"pace": self.pace, "latency_s": self.latency_s}


def voice_of(seed: int, vendor: str, room: str) -> Voice:
    """Same seed and room: same voice. No answer, notice or page of the sandbox tells it; only listening does."""
    digest = hashlib.sha256(f"{seed}:voice:{vendor}:{room}".encode()).digest()
    pace = SLOWEST + (FASTEST - SLOWEST) * _share(digest[:8])
    latency = SOONEST_S + (LATEST_S - SOONEST_S) * _share(digest[8:16])
    return Voice(round(pace, 3), round(latency, 3))


def _share(digits: bytes) -> float:
    return int.from_bytes(digits) / float(256 ** len(digits) - 1)
