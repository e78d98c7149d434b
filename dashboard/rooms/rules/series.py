"""The values that a rule has seen of one field, for sums, averages and counts inside its window. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from dashboard.rooms.rules.model import Operation

#: Values kept per rule and condition: an audience can't fill the memory.
KEPT_VALUES = 1_000
#: Whole numbers below it are added and taken away without losing a bit; others are summed anew each time.
_EXACT = float(2**53 // KEPT_VALUES)


class Series:
    """Time and value of each, in the order in which they came; the total is kept along, so one more costs nothing."""

    def __init__(self, kept: Iterable[tuple[float, float]] = ()) -> None:
        self._kept = deque((at, value) for at, value in kept)
        self._oldest, self._total, self._is_exact = _recounted(self._kept)

    def see(self, at: float, value: float) -> None:
        self._kept.append((at, value))
        self._oldest = min(self._oldest, at)
        self._total += value
        self._is_exact = self._is_exact and _is_exact(value)
        if len(self._kept) > KEPT_VALUES:
            _, gone = self._kept.popleft()
            self._total -= gone

    def forget(self, before: float) -> None:
        """Drop what is older than `before`; times may come in any order."""
        if self._oldest < before:
            self._kept = deque(one for one in self._kept if one[0] >= before)
            self._oldest, self._total, self._is_exact = _recounted(self._kept)

    def made(self, operation: Operation) -> float | None:
        if operation == Operation.COUNT:
            return float(len(self._kept))
        total = self._total if self._is_exact else sum(value for _, value in self._kept)
        if operation == Operation.AVG:
            return total / len(self._kept) if self._kept else None
        return total

    def kept(self) -> list[tuple[float, float]]:
        return list(self._kept)


def _recounted(kept: Iterable[tuple[float, float]]) -> tuple[float, float, bool]:
    """The oldest time, the total, and whether that is exact."""
    pairs = list(kept)
    oldest = min((at for at, _ in pairs), default=float("inf"))
    return oldest, sum(value for _, value in pairs), all(_is_exact(value) for _, value in pairs)


def _is_exact(value: float) -> bool:
    return value.is_integer() and abs(value) < _EXACT
