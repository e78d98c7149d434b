"""What the people of the run know: what they asked for and what was acknowledged. Judged at the end (`verdict.py`)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Asked:
    """One press. Its key makes all its repeats one."""

    tag: str
    key: str
    is_acknowledged: bool = False


@dataclass
class Ledger:
    began: float = field(default_factory=time.monotonic)
    asked: list[Asked] = field(default_factory=list)
    starts: dict[str, bool] = field(default_factory=dict)
    """Key of a start → whether a console said yes."""
    events: set[str] = field(default_factory=set)
    """Ids of comments whose report was answered with 200."""
    silences: list[tuple[int, datetime]] = field(default_factory=list)
    resumes: list[tuple[int, datetime]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """What was seen while it went on, and must not be."""
    notes: list[str] = field(default_factory=list)
    record: list[dict[str, object]] = field(default_factory=list)
    """The sandbox's audible record, fetched before it forgets."""
    sounds: dict[int, str] = field(default_factory=dict)
    """Each microphone that the sandbox got sound of, by its number → its session."""
    heartbeat_gaps: list[float] = field(default_factory=list)
    coverage: dict[tuple[str, str], int] = field(default_factory=dict)
    """Point and signal → how often a process ended or stopped exactly there."""

    def new_tag(self) -> str:
        number = len(self.asked)
        digits = ""
        for _ in range(3):
            number, last = divmod(number, len(_DIGITS))
            digits = _DIGITS[last] + digits
        return f"第{digits}号"

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by

    def note(self, text: str) -> None:
        line = f"{time.monotonic() - self.began:8.1f}  {text}"
        self.notes.append(line)
        print(line, flush=True)

    def fault(self, text: str) -> None:
        self.faults.append(text)
        self.note(f"FAULT {text}")
