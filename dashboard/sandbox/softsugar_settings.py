"""What the sandbox's SoftSugar account can be told: its limits and time-outs, none of which the document prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from dashboard.sandbox.world import SandboxConfig


@dataclass(frozen=True, slots=True)
class Settings:
    """Numbers, none below zero. What is under way when one changes follows it, except what was already prepared."""

    prepare_s: float
    """World seconds from create to 35; 0: create itself answers 35."""
    streams: int
    """Beyond it a create is refused with 98."""
    system_streams: int
    """Beyond it a create is refused with 97."""
    heartbeat_s: float
    """Real seconds without a heartbeat after which a session ends with 50."""
    rtc_token_s: float
    """Real seconds that a user's own RTC token is taken to last, before 96 is told."""
    stream_s: float
    """Real seconds from create that one stream may run; what 102 tells counts down to it, and it ends with 50."""
    frames_per_s: int
    """What frame notices count by (B18)."""

    @classmethod
    def of(cls, config: SandboxConfig) -> Settings:
        return cls(
            prepare_s=config.softsugar_prepare_s,
            streams=config.softsugar_streams,
            system_streams=1_000_000,
            heartbeat_s=config.softsugar_heartbeat_s,
            rtc_token_s=86_400.0,
            stream_s=7 * 86_400.0,
            frames_per_s=25,
        )

    def changed(self, wanted: Mapping[str, Any]) -> Settings:
        """Raises ValueError for a name or a value that is none."""
        for name, value in wanted.items():
            if name not in self.__slots__:
                raise ValueError(f"not a switch of SoftSugar: {name}")
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not 0 <= value < 1e9 or (name == "frames_per_s" and value < 1):
                raise ValueError(f"{name} must be a number, not below zero")
        whole = {name: int(value) for name, value in wanted.items() if isinstance(getattr(self, name), int)}
        return replace(self, **{**wanted, **whole})

    def shown(self) -> dict[str, Any]:
        return asdict(self)
