"""The two times of the sandbox: real time for protocol timers, scaled world time for what is spoken and prepared."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboard.lib.clock import Clock

SLOWEST, FASTEST = 0.1, 64.0


class WorldClock:
    """World and protocol seconds both stand still while the sandbox is off: they are saved and taken up again."""

    def __init__(self, source: Clock) -> None:
        self.source = source
        self.skew_s = 0.0
        self._speed = 1.0
        self._is_held = False
        self._world = 0.0
        self._mark = source.monotonic()
        self._mark_wall = source.now()
        self._real = 0.0
        self._real_mark = source.monotonic()

    # -- world time: speech, preparation, audience -------------------------------------------------------------------

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> float:
        """World seconds since this world began."""
        if self._is_held:
            return self._world
        return self._world + (self.source.monotonic() - self._mark) * self._speed

    def hold(self, still: bool) -> None:
        """Let the world stand still, or go on from where it stood."""
        if still != self._is_held:
            self._anchor()
            self._is_held = still

    def set_speed(self, speed: float) -> None:
        if not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"speed must be {SLOWEST} to {FASTEST}")
        self._anchor()
        self._speed = speed

    def step(self, seconds: float) -> None:
        """Jump the world forward; what falls due meanwhile counts as having happened at this very moment."""
        if seconds < 0:
            raise ValueError("the world never runs backwards")
        self._anchor()
        self._world += seconds

    def _anchor(self) -> None:
        self._world = self.now()
        self._mark = self.source.monotonic()
        self._mark_wall = self.source.now()

    # -- real time: heartbeats, tokens, signatures, limits -----------------------------------------------------------

    def real(self) -> float:
        """Seconds of real time that this sandbox has been on; for protocol timers, never moved by the world's speed."""
        return self._real + self.source.monotonic() - self._real_mark

    def wall(self) -> datetime:
        """What the vendor believes the time is (UTC), skew fault included."""
        return self.source.now() + timedelta(seconds=self.skew_s)

    def wall_ms(self) -> int:
        return round(self.wall().timestamp() * 1000)

    def real_at(self, world: float) -> datetime:
        """The true wall time (no skew) at which the world stood, or will stand, at `world`."""
        return self._mark_wall + timedelta(seconds=max(0.0, world - self._world) / self._speed)

    def wall_at(self, world: float) -> datetime:
        """The same as the vendor would print it."""
        return self.real_at(world) + timedelta(seconds=self.skew_s)

    def wall_ms_at(self, world: float) -> int:
        return round(self.wall_at(world).timestamp() * 1000)

    # -- saved state -------------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        return {"world": self.now(), "real": self.real(), "speed": self._speed}

    def restore(self, saved: dict[str, Any]) -> None:
        self._world, self._real = float(saved["world"]), float(saved["real"])
        self._speed = float(saved["speed"])
        self._mark = self._real_mark = self.source.monotonic()
        self._mark_wall = self.source.now()
