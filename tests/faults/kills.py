"""kill -9 and SIGSTOP at a drawn step: fuses are lit, somebody leads a process there, and it comes back later."""

from __future__ import annotations

import asyncio
import signal
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from tests.faults.place import RELAYS, WEBS, WORKER
from tests.faults.points import BY_NAME, POINTS, Point
from tests.faults.talker import talk

if TYPE_CHECKING:
    from random import Random

    from tests.faults.house import House
    from tests.faults.run import Run

#: The step is reached within this time, or the process ends where it is.
REACHED_WITHIN_S = 40.0
#: Longer than a relay's silence counts as its death (9 s), so that it wakes up overtaken.
OVERTAKEN_S = 13.0
SIGNALS = (signal.SIGKILL, signal.SIGSTOP)


def plan(dice: Random, kills: dict[str, int], stops: dict[str, int]) -> list[tuple[Point, signal.Signals]]:
    """So many of each kind of process, every step of it before any comes again, in a drawn order."""
    drawn: list[tuple[Point, signal.Signals]] = []
    for number, counts in ((signal.SIGKILL, kills), (signal.SIGSTOP, stops)):
        for kind, count in counts.items():
            points = [point for point in POINTS if point.process == kind]
            dice.shuffle(points)
            drawn += [(points[at % len(points)], number) for at in range(count)]
    dice.shuffle(drawn)
    return drawn


class Kills:
    def __init__(self, run: Run, dice: Random) -> None:
        self._run, self._dice = run, dice
        self.hit: set[str] = set()
        """Processes that are down, held or about to be."""

    async def strike(self, point: Point, number: signal.Signals, back_s: float | None = None) -> bool:
        """Whether a process was at the step. It is up again, and keeps or serves something, when this returns."""
        processes = self._could_be(point)
        self.hit |= set(processes)
        fuses = {name: self._run.place.fuse(name) for name in processes}
        for fuse in fuses.values():
            fuse.light(point.name, number)
        leading = asyncio.create_task(self._lead(point, processes))
        deadline = time.monotonic() + REACHED_WITHIN_S
        while not any(fuse.was_hit for fuse in fuses.values()) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        there = [name for name, fuse in fuses.items() if fuse.put_out()]
        self._tell(point, number, there)
        victims = there or [self._dice.choice(processes)]
        self.hit -= set(processes) - set(victims)
        await asyncio.gather(*(self._down_and_up(name, number, back_s, name in there) for name in victims))
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
        self.hit.clear()
        return bool(there)

    def _tell(self, point: Point, number: signal.Signals, there: list[str]) -> None:
        books, name = self._run.books, f"{number.name} of {point.process}"
        books.note(f"{number.name} at “{point.name}”: {', '.join(there) or 'not reached'}")
        books.count(name)
        key = (point.name, number.name)
        books.coverage[key] = books.coverage.get(key, 0) + bool(there)

    async def _down_and_up(self, process: str, number: signal.Signals, back_s: float | None, was_hit: bool) -> None:
        place = self._run.place
        if number == signal.SIGKILL:
            place.kill(process)
            await asyncio.sleep(self._dice.choice((0.1, 1.0, 4.0)) if back_s is None else back_s)
            place.start(process)
        else:
            await asyncio.to_thread(partial(place.hold, process, by_itself=was_hit))
            await asyncio.sleep(self._dice.choice((3.0, OVERTAKEN_S)) if back_s is None else back_s)
            place.go_on(process)
        if process in WEBS:
            await asyncio.to_thread(place.answers, process)
        if process in RELAYS:
            await self._run.until(self._run.all_kept, f"all jobs are kept again after {process}", 30)

    def _could_be(self, point: Point) -> list[str]:
        """One of its kind; for a start both relays, since one alone keeps the account that it goes by."""
        relays = list(RELAYS) if point.act == "start" else [self._dice.choice(RELAYS)]
        # The vendors know the address of one console.
        web = WEBS[0] if "callback" in point.step else self._dice.choice(WEBS)
        return {"web": [web], "relay": relays, "worker": [WORKER]}[point.process]

    # -- taking a process to its step --------------------------------------------------------------------------------

    async def _lead(self, point: Point, processes: list[str]) -> None:
        """Somebody does what passes by the step, again and again."""
        at = processes[0] if processes[0] in WEBS else self._dice.choice(WEBS)
        while True:
            if point.act == "takeover":
                await self._say(point, at)
            elif point.act == "start":
                await self._start(at, "softsugar" if "go live" in point.step else "")
            elif point.act == "talk":
                await self._talk(at)
            else:
                await asyncio.to_thread(self._make_due)
            await asyncio.sleep(0.3)

    async def _say(self, point: Point, at: str) -> None:
        run = self._run
        room = self._room("metastudio" if "callback" in point.step else "")
        person = self._dice.choice(run.people)
        asked = await person.say(room.code, self._dice, at)
        if "cancel" in point.step and asked.is_acknowledged:
            # Only what has left is cancelled at the vendor.
            await run.until(lambda: run.has_left(asked.key), "a sentence has left", 8, fatal=False, is_fault=False)
            if found := await run.open_item(asked.key):
                await person.cancel(*found)

    async def _start(self, at: str, vendor: str) -> None:
        """A room goes off air in peace; then its start is what is hit."""
        run, room = self._run, self._room(vendor)
        run.quiet.add(room.code)
        try:
            if await run.take_off_air(room):
                key = uuid.UUID(int=self._dice.getrandbits(128), version=4).hex
                answer = await run.people[0].start(room.code, key, at)
                run.books.starts[key] = answer.status_code == 204
                run.books.count("starts asked")
                await run.put_on_air(room)
        finally:
            run.quiet.discard(room.code)

    async def _talk(self, at: str) -> None:
        run, room = self._run, self._room()
        person = self._dice.choice(run.people)
        word = await talk(run.place, person, room.code, at=at, seconds=1.5)
        run.books.count(f"microphone: {word}")

    def _make_due(self) -> None:
        try:
            self._run.place.execute("UPDATE worker_periodic SET due_at = now() WHERE name = 'seal_audit'")
        except psycopg.Error:
            self._run.books.count("a task could not be asked for")

    def _room(self, vendor: str = "") -> House:
        run = self._run
        rooms = [room for room in run.rooms if room.code not in run.quiet]
        fitting = [room for room in rooms if vendor in ("", room.vendor)]
        return self._dice.choice(fitting or run.rooms)


__all__ = ["BY_NAME", "Kills", "plan"]
