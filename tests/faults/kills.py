"""kill -9 and SIGSTOP at a drawn step: the fuse is lit, somebody takes the process there, and it comes back later."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

from tests.faults.place import RELAYS, WEBS, WORKER
from tests.faults.points import BY_NAME, Point

if TYPE_CHECKING:
    from tests.faults.house import House
    from tests.faults.run import Run

#: The step is reached within this time, or the process ends where it is.
REACHED_WITHIN_S = 25.0
#: Longer than a relay's silence counts as its death (9 s), so that it wakes up overtaken.
OVERTAKEN_S = 13.0


class Kills:
    def __init__(self, run: Run) -> None:
        self._run, self._dice = run, run.dice
        self.hit: set[str] = set()
        """Processes that are down, held or about to be."""

    async def strike(self, name: str, number: signal.Signals, back_s: float | None = None) -> bool:
        """Whether the process was at the step. It is up again, and so are its rooms, when this returns."""
        run, point = self._run, BY_NAME[name]
        process = self._whose(point)
        self.hit.add(process)
        fuse = run.place.fuse(process)
        fuse.light(point.name, number)
        leading = asyncio.create_task(self._lead(point, process))
        deadline = time.monotonic() + REACHED_WITHIN_S
        while not fuse.was_hit and time.monotonic() < deadline:  # noqa: ASYNC110  a file has no event
            await asyncio.sleep(0.02)
        reached = fuse.was_hit
        fuse.put_out()
        run.books.note(f"{number.name} {process} at “{point.name}”{'' if reached else ': not reached'}")
        run.books.count(f"{number.name} of {point.process}")
        if reached:
            run.books.coverage[point.name, number.name] = run.books.coverage.get((point.name, number.name), 0) + 1
        await self._down_and_up(process, number, back_s)
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
        self.hit.discard(process)
        return reached

    async def _down_and_up(self, process: str, number: signal.Signals, back_s: float | None) -> None:
        place = self._run.place
        if number == signal.SIGKILL:
            place.kill(process)
            await asyncio.sleep(self._dice.choice((0.1, 1.0, 4.0)) if back_s is None else back_s)
            place.start(process)
        else:
            place.hold(process)
            await asyncio.sleep(self._dice.choice((3.0, OVERTAKEN_S)) if back_s is None else back_s)
            place.go_on(process)
        if process in WEBS:
            await asyncio.to_thread(place.answers, process)

    def _whose(self, point: Point) -> str:
        return {"web": self._dice.choice(WEBS), "relay": self._dice.choice(RELAYS), "worker": WORKER}[point.process]

    # -- taking a process to its step --------------------------------------------------------------------------------

    async def _lead(self, point: Point, process: str) -> None:
        """Somebody does what passes by the step, in a room that the process keeps, or at that console."""
        run = self._run
        while True:
            rooms = await self._rooms_of(process)
            if rooms and point.act == "takeover":
                room = self._dice.choice(rooms)
                person = self._dice.choice(run.people)
                asked = await person.say(room.code, self._dice, process if process in WEBS else WEBS[0])
                if "cancel" in point.step and asked.is_acknowledged and (found := await run.open_item(asked.key)):
                    await person.cancel(*found)
            await asyncio.sleep(0.5)

    async def _rooms_of(self, process: str) -> list[House]:
        run = self._run
        if process not in RELAYS:
            return [room for room in run.rooms if room.code not in run.quiet]
        owners = await asyncio.to_thread(run.place.owners)
        jobs = {room.code: await run.job(room) for room in run.rooms}
        return [room for room in run.rooms if (job := jobs[room.code]) and owners.get(job.pk) == process]
