"""What this process counts and times, for Prometheus; how it is read is in docs/operations.md, "Metrics".

Labels come from short fixed lists (stages, vendors, documented operations), never from names, texts or ids of rows.
"""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections import deque
from collections.abc import Mapping
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from dashboard.lib import clock

#: Not the library's global one: what other packages put in there is none of ours.
REGISTRY = CollectorRegistry()
# The time of each series' first count would be one more series each.
disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


class Stage(StrEnum):
    """The way of a sentence, then the two that every fact and every screen takes."""

    CLICK_COMMITTED = "click_to_committed"
    COMMITTED_CLAIMED = "committed_to_claimed"
    CLAIMED_SENT = "claimed_to_sent"
    SENT_ACCEPTED = "sent_to_accepted"
    ACCEPTED_HEARD = "accepted_to_heard"
    INTAKE_COMMITTED = "intake_to_committed"
    NOTICE_FLUSHED = "notice_to_flushed"


#: From a commit on a fast disk to a sentence that waits behind a long one.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_stage = Histogram(
    "talkback_stage_seconds", "How long each stage of the flow takes.", ["stage"], buckets=_SECONDS, registry=REGISTRY
)
_stages = {stage: _stage.labels(stage) for stage in Stage}

_calls = Counter(
    "talkback_vendor_calls", "Calls to vendors, by their outcome.", ["vendor", "operation", "result"], registry=REGISTRY
)
_call_seconds = Histogram(
    "talkback_vendor_call_seconds",
    "How long a call takes, its wait for a place within the rate included.",
    ["vendor"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
_waits = Histogram(
    "talkback_rate_limit_wait_seconds",
    "How long calls waited for a place within the vendor's rate.",
    ["vendor"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
_put_off = Counter(
    "talkback_rate_limit_put_off", "Calls that found no place in time and went back.", ["vendor"], registry=REGISTRY
)
commit_facts = Histogram(
    "talkback_commit_facts",
    "Facts that one transaction of the intake recorded.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    registry=REGISTRY,
)
intake_full = Counter("talkback_intake_full", "Facts refused because too many wait already.", registry=REGISTRY)
hub_frames = Counter("talkback_hub_frames", "Frames given to browsers' sockets.", registry=REGISTRY)
hub_overflows = Counter(
    "talkback_hub_overflows",
    "Times a browser was too slow and got the newest of each region instead of each frame.",
    registry=REGISTRY,
)
hub_dropped = Counter(
    "talkback_hub_dropped_frames", "Frames that were put together with others for that.", registry=REGISTRY
)
refused_callbacks = Counter(
    "talkback_callbacks_refused",
    "Callbacks that were not the vendor's, or not as agreed.",
    ["vendor"],
    registry=REGISTRY,
)

RECENT_S = 300.0
_SLOT_S = 10.0


class Recent:
    """Counts of the last five minutes, in slots of ten seconds."""

    def __init__(self) -> None:
        self._slots: deque[tuple[float, Tally[tuple[str, str]]]] = deque()
        self._lock = threading.Lock()

    def count(self, vendor: str, result: str) -> None:
        now = clock.monotonic()
        with self._lock:
            if not self._slots or now - self._slots[-1][0] >= _SLOT_S:
                self._slots.append((now, Tally()))
            self._slots[-1][1][vendor, result] += 1
            self._forget(now)

    def totals(self) -> Mapping[tuple[str, str], int]:
        """(vendor, result) → calls."""
        with self._lock:
            self._forget(clock.monotonic())
            return sum((slot for _, slot in self._slots), Tally())

    def _forget(self, now: float) -> None:
        while self._slots and now - self._slots[0][0] > RECENT_S:
            self._slots.popleft()


recent_calls = Recent()


def took(stage: Stage, seconds: float | None) -> None:
    """One more went through `stage`; None where nobody knows how long. Clocks of two machines may differ: never < 0."""
    if seconds is not None:
        _stages[stage].observe(max(0.0, seconds))


def called(vendor: str, operation: str, result: str, seconds: float) -> None:
    """`operation` is the contract's name of an endpoint, `result` an outcome's."""
    _calls.labels(vendor, operation, result).inc()
    _call_seconds.labels(vendor).observe(seconds)
    recent_calls.count(vendor, result)


def waited(vendor: str, seconds: float, *, in_vain: bool) -> None:
    _waits.labels(vendor).observe(seconds)
    if in_vain:
        _put_off.labels(vendor).inc()


def refused_callback(vendor: str) -> None:
    refused_callbacks.labels(vendor).inc()
