"""What a browser that reads too slowly has not been given yet: of each region the newest, and not a backlog of frames.

Its size depends on what the page shows, never on how long the browser stands still.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dashboard.lib import metrics
from dashboard.live.hub.frames import LONGEST_CATCH_UP, Frame, encode

#: So many frames wait as they are; with more, what they say is put together.
MOST_FRAMES = 4
#: A topic of which more is new than this is fetched anew by the page: a list that grew for minutes.
MOST_REGIONS = 200


@dataclass(slots=True)
class _Topic:
    """What is new of one topic."""

    seq: int = 0
    regions: dict[str, str] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    feeds: dict[str, list[str]] = field(default_factory=dict)
    #: Regions that the page fetches itself; None: all that it shows.
    reloads: dict[str | None, None] = field(default_factory=dict)

    def add(self, frame: dict[str, Any]) -> None:
        self.seq = max(self.seq, frame.get("seq", 0))
        if frame["t"] == "state":
            self._state(frame["regions"], frame["gone"])
        elif frame["t"] == "feed":
            rows = self.feeds.setdefault(frame["region"], [])
            rows += frame["rows"]
            if len(rows) > LONGEST_CATCH_UP:
                del self.feeds[frame["region"]]
                self.reloads[frame["region"]] = None
        else:
            self.reloads[frame.get("region")] = None

    def _state(self, regions: dict[str, str], gone: list[str]) -> None:
        for region, html in regions.items():
            # At the end: what comes later may hold what came before, so the order of the frames is kept.
            self.regions.pop(region, None)
            self.regions[region] = html
            self.gone.pop(region, None)
        for region in gone:
            self.regions.pop(region, None)
            self.gone[region] = None
        if len(self.regions) + len(self.gone) > MOST_REGIONS:
            self.regions, self.gone, self.feeds = {}, {}, {}
            self.reloads = {None: None}

    def texts(self, topic: str) -> list[str]:
        """The frames that say it, at least one, the one that moves the page's number last."""
        if None in self.reloads:
            return [encode({"t": "reload", "topic": topic, "seq": self.seq})]
        frames: list[Frame] = [
            {"t": "reload", "topic": topic, "seq": self.seq, "region": region} for region in self.reloads
        ]
        frames += [
            {"t": "feed", "topic": topic, "seq": self.seq, "region": region, "rows": rows, "more": True}
            for region, rows in self.feeds.items()
            if region not in self.reloads
        ]
        if self.regions or self.gone or self.feeds or not frames:
            # None of them had a region: the page's number moves all the same.
            regions, gone = self.regions, list(self.gone)
            frames.append({"t": "state", "topic": topic, "seq": self.seq, "regions": regions, "gone": gone})
        return [encode(frame) for frame in frames]


class Backlog:
    """True while something waits. Order within a topic is kept; between topics it has no meaning."""

    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._topics: dict[str, _Topic] = {}
        self._tick = ""
        self._denied: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._frames or self._topics or self._tick or self._denied)

    def add(self, text: str) -> None:
        if not self._is_put_together():
            self._frames.append(text)
            if len(self._frames) <= MOST_FRAMES:
                return
            metrics.hub_overflows.inc()
            waiting, self._frames = self._frames, deque()
        else:
            waiting = deque([text])
        for one in waiting:
            self._put(one)

    def take(self) -> str | None:
        """The next frame, which then waits no more; None where nothing waits."""
        if not self._frames:
            self._next_topic()
        return self._frames.popleft() if self._frames else None

    def clear(self) -> None:
        self._frames.clear()
        self._topics.clear()
        self._denied.clear()
        self._tick = ""

    def _is_put_together(self) -> bool:
        return bool(self._topics or self._tick or self._denied)

    def _put(self, text: str) -> None:
        metrics.hub_dropped.inc()
        frame = msgspec.json.decode(text)
        if frame["t"] == "tick":
            self._tick = text
        elif frame["t"] == "denied":
            self._topics.pop(frame["topic"], None)
            self._denied[frame["topic"]] = text
        else:
            self._topics.setdefault(frame["topic"], _Topic()).add(frame)

    def _next_topic(self) -> None:
        """Of what was put together, one topic's part becomes frames again."""
        if self._topics:
            topic = next(iter(self._topics))
            self._frames.extend(self._topics.pop(topic).texts(topic))
        elif self._denied:
            self._frames.append(self._denied.pop(next(iter(self._denied))))
        elif self._tick:
            self._frames.append(self._tick)
            self._tick = ""
