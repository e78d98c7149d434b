"""What an account holds, indexed so that one call is as cheap among thousands of rooms and jobs as among ten."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dashboard.sandbox.metastudio_job import OPEN, Job


@dataclass
class Room:
    room_id: str
    body: dict[str, Any]
    created: str
    updated: str
    last_job: str = ""
    # Why the content review froze it; "" as long as it is available (002:6360).
    blocked: str = ""

    @property
    def key(self) -> str:
        return self.room_id

    @property
    def name(self) -> str:
        return str(self.body["room_name"])


@dataclass
class RuleGroup:
    group_id: str
    body: dict[str, Any]
    created: str
    updated: str

    @property
    def key(self) -> str:
        return self.group_id

    @property
    def name(self) -> str:
        return str(self.body["group_name"])


T = TypeVar("T", Room, RuleGroup)


class Shelf(Mapping[str, T], Generic[T]):
    """Rooms or rule libraries by id, in the order of their creation; no two have the same name."""

    def __init__(self) -> None:
        self._things: dict[str, T] = {}
        self._holders: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def __getitem__(self, key: str) -> T:
        return self._things[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def newest_first(self) -> Iterator[T]:
        return reversed(self._things.values())

    def is_taken(self, name: str, by_other_than: T | None) -> bool:
        holder = self._holders.get(name)
        return holder is not None and (by_other_than is None or holder != by_other_than.key)

    def put(self, thing: T) -> None:
        """Add it, or note the name that it has now."""
        self._holders.pop(self._names.get(thing.key, ""), None)
        self._things[thing.key] = thing
        self._names[thing.key], self._holders[thing.name] = thing.name, thing.key

    def drop(self, key: str) -> None:
        if key in self._things:
            del self._things[key]
            self._holders.pop(self._names.pop(key), None)

    def fill(self, things: Iterable[T]) -> None:
        """Hold exactly these."""
        for shelf in (self._things, self._holders, self._names):
            shelf.clear()
        for thing in things:
            self.put(thing)


class JobShelf(Mapping[str, Job]):
    """Jobs by id, in the order of their creation; the oldest ended ones are forgotten beyond `keep`."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self.fill(())

    def __getitem__(self, key: str) -> Job:
        return self._jobs[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._jobs)

    def __len__(self) -> int:
        return len(self._jobs)

    def of_room(self, room_id: str) -> list[Job]:
        return list(self._by_room.get(room_id, {}).values())

    def open(self) -> list[Job]:
        """Waiting or on air, in the order of their creation."""
        return list(self._open.values())

    def open_count(self) -> int:
        return len(self._open)

    def open_in(self, rtc_room: str) -> Job | None:
        return self._open.get(self._by_rtc_room.get(rtc_room, ""))

    def put(self, job: Job) -> None:
        self._jobs[job.job_id] = job
        self._by_room.setdefault(job.room_id, {})[job.job_id] = job
        self._by_rtc_room[job.rtc_room] = job.job_id
        if job.state in OPEN:
            self._open[job.job_id] = job
        else:
            self._ended.append(job.job_id)
        self._forget()

    def close(self, job: Job) -> None:
        """It is over; call once."""
        del self._open[job.job_id]
        self._ended.append(job.job_id)
        self._forget()

    def _forget(self) -> None:
        while len(self._jobs) > self._keep and self._ended:
            job = self._jobs.pop(self._ended.popleft())
            del self._by_rtc_room[job.rtc_room]
            siblings = self._by_room[job.room_id]
            del siblings[job.job_id]
            if not siblings:
                del self._by_room[job.room_id]

    def fill(self, jobs: Iterable[Job]) -> None:
        """Hold exactly these."""
        self._jobs: dict[str, Job] = {}
        self._open: dict[str, Job] = {}
        self._by_room: dict[str, dict[str, Job]] = {}
        self._by_rtc_room: dict[str, str] = {}
        self._ended: deque[str] = deque()
        for job in jobs:
            self.put(job)
