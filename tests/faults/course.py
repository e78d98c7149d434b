"""What fails when, drawn from the seed, and the report."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from random import Random

from dashboard.lib.threads import in_thread
from tests.faults import servers
from tests.faults.front import front
from tests.faults.kills import Kills, plan
from tests.faults.place import RELAYS, WEBS, WORKER, Place
from tests.faults.points import BY_NAME, POINTS
from tests.faults.run import Run
from tests.faults.screens import Screens
from tests.faults.verdict import details, sentences
from tests.faults.wounds import Wounds

#: With a relay killed, SoftSugar hears no heartbeat for this long at most: 15 s between two, and who takes over.
LONGEST_GAP_S = 30.0
#: While everything restarts in turn no heartbeat is missed: they go every 15 s.
NO_GAP_S = 20.0
#: The browser that is judged while everything restarts in turn: it comes by what stands before the consoles.
FRONT = "front"


@dataclass(frozen=True, slots=True)
class Form:
    """How much of each; `wound_every_s`: a vendor's and a socket's fault in each such span."""

    kills: dict[str, int]
    stops: dict[str, int]
    wounds: int
    wound_every_s: float
    servers: int
    outage_s: float
    skew_s: float
    storm_s: float
    between_s: float
    restarts: tuple[str, ...]


FULL = Form(
    kills={"relay": 20, "web": 20, "worker": 10},
    stops={"relay": 16, "web": 14, "worker": 3},
    wounds=100,
    wound_every_s=12.0,
    servers=3,
    outage_s=300.0,
    skew_s=60.0,
    storm_s=30.0,
    between_s=2.0,
    restarts=(*RELAYS, *WEBS, WORKER),
)
SHORT = Form(
    kills={"relay": 1, "web": 1, "worker": 1},
    stops={},
    wounds=8,
    wound_every_s=3.0,
    servers=1,
    outage_s=19.0,
    skew_s=3.0,
    storm_s=3.0,
    between_s=0.5,
    restarts=(RELAYS[0], WEBS[0]),
)


async def play(place: Place, seed: int, *, rooms: int, is_short: bool) -> int:
    run, form = Run(place, seed, rooms), SHORT if is_short else FULL
    dice = Random(seed)
    began = time.monotonic()
    async with run.opened(), front([place.ports[name] for name in WEBS]) as door:
        screens = Screens({**{name: place.url(name) for name in WEBS}, FRONT: door}, run.books, lambda: {**run.dead})
        await asyncio.to_thread(screens.open)
        kills = Kills(run, Random(dice.getrandbits(64)))
        wounds = Wounds(run, Random(dice.getrandbits(64)), kills.hit)
        hurting = asyncio.create_task(wounds.go_on(form.wound_every_s, form.wounds))
        await _kill(run, kills, form, Random(dice.getrandbits(64)))
        await _hit_everybody(run, form, Random(dice.getrandbits(64)))
        await hurting
        run.books.note("vendor and socket faults are over")
        await _roll(run, screens, form)
        await run.settle()
        await asyncio.to_thread(screens.close)
    run.books.note(f"all over after {time.monotonic() - began:.0f} s; the walls were looked at {screens.looks} times")
    run.books.count("dead rooms that a wall was asked about", len(screens.dead_seen))
    return await report(run, seed)


async def _kill(run: Run, kills: Kills, form: Form, dice: Random) -> None:
    # A relay that stands between claim and send, is overtaken and goes on: the sentence is heard once at most.
    await kills.strike(BY_NAME["takeover: claimed, not sent"], signal.SIGSTOP, 13.0)
    before = len(run.books.heartbeat_gaps)
    for point, number in plan(dice, form.kills, form.stops):
        await kills.strike(point, number)
        await asyncio.sleep(form.between_s)
    longest = max(run.books.heartbeat_gaps[before:], default=0.0)
    run.books.note(f"longest heartbeat gap while processes were killed: {longest:.1f} s")
    if longest > LONGEST_GAP_S:
        run.books.fault(f"a heartbeat came {longest:.1f} s after the one before")


async def _hit_everybody(run: Run, form: Form, dice: Random) -> None:
    for number in range(form.servers):
        await servers.redis_goes(run, dice.uniform(2, 6))
        await asyncio.sleep(form.between_s)
        await servers.postgres_goes(run, dice.uniform(1, 5), at_once=bool(number % 2))
        await asyncio.sleep(form.between_s)
    await servers.outage(run, dice.choice(servers.VENDORS), form.outage_s, hang_up=dice.random() < 0.5)
    for seconds in (300, -300):
        await servers.clocks_differ(run, seconds, form.skew_s)
    await servers.storm(run, Random(dice.getrandbits(64)), form.storm_s)


async def _roll(run: Run, screens: Screens, form: Form) -> None:
    if not await run.until(run.all_on_air, "every room is on air again", 120, fatal=False):
        run.books.note(f"not on air: {await run.quietly(run.off_air)}")
    await run.until(run.kept_by_two, "both relays keep something", 40, fatal=False)
    before = len(run.books.heartbeat_gaps)
    screens.forget()
    await servers.rolling_restart(run, form.restarts)
    await asyncio.sleep(5)
    gap, unsure = max(run.books.heartbeat_gaps[before:], default=0.0), screens.longest_unsure.get(FRONT, 0.0)
    run.books.note(
        f"rolling restart: longest heartbeat gap {gap:.1f} s, a browser beyond 5 s without truth {unsure:.1f} s"
    )
    if gap > NO_GAP_S:
        run.books.fault(f"a heartbeat was missed while processes restarted in turn: {gap:.1f} s")
    if unsure > 0:
        run.books.fault(f"a browser was without truth for {5 + unsure:.1f} s while processes restarted in turn")


async def report(run: Run, seed: int) -> int:
    told = await in_thread(sentences, run.books)
    books = run.books
    print("\n".join(f"{what:>46}  {count}" for what, count in sorted(books.counts.items())))
    print(f"\n{'step':>56}  kill -9  SIGSTOP")
    for point in POINTS:
        counts = [books.coverage.get((point.name, number.name), 0) for number in (signal.SIGKILL, signal.SIGSTOP)]
        print(f"{point.name:>56}  {counts[0]:>7}  {counts[1]:>7}  ({point.process})")
    asked = sum(one.is_acknowledged for one in books.asked)
    print(f"\n{asked} sentences acknowledged, {len(books.record)} stretches audible")
    print(f"longest heartbeat gap {max(books.heartbeat_gaps, default=0):.1f} s")
    print(f"seed {seed}: {len(told)} faults")
    for one in told:
        print("\n      ".join([f"  {one}", *await in_thread(details, one, books)]))
    return 1 if told else 0
