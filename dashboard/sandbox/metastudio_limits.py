"""Calls per second and API, as Table 1-2 prints them per region (002:181-330). Counted in real time.

The window and the answer are not printed (A72): a sliding second, and refused calls do not count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from dashboard.vendors.contract.model import Endpoint

WINDOW_S = 1.0


class Limits:
    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._calls: dict[str, deque[float]] = {}

    def admit(self, endpoint: Endpoint, region: str) -> bool:
        most = (endpoint.rate_limit or {}).get(region)
        if most is None:
            return True
        now = self._seconds()
        calls = self._calls.setdefault(endpoint.id, deque())
        while calls and calls[0] <= now - WINDOW_S:
            calls.popleft()
        if len(calls) >= most:
            return False
        calls.append(now)
        return True

    def clear(self) -> None:
        self._calls.clear()
