"""What fails when, drawn from the seed, and the report."""

from __future__ import annotations

import asyncio
import signal

from dashboard.lib.threads import in_thread
from tests.faults.kills import Kills
from tests.faults.place import Place
from tests.faults.run import Run
from tests.faults.verdict import sentences


async def play(place: Place, seed: int, *, rooms: int, is_short: bool) -> int:
    run = Run(place, seed, rooms)
    async with run.opened():
        kills = Kills(run)
        await asyncio.sleep(5)
        await kills.strike("takeover: claimed, not sent", signal.SIGKILL)
        await run.settle()
    return await report(run, seed)


async def report(run: Run, seed: int) -> int:
    told = await in_thread(sentences, run.books)
    books = run.books
    print("\n".join(f"{what:>40}  {count}" for what, count in sorted(books.counts.items())))
    for (point, name), count in sorted(books.coverage.items()):
        print(f"{point:>60}  {name}  {count}")
    print(f"heard {len(books.record)}, longest heartbeat gap {max(books.heartbeat_gaps, default=0):.1f} s")
    print(f"seed {seed}: {len(told)} faults")
    for one in told:
        print(f"  {one}")
    return 1 if told else 0
