"""`python -m tests.soak.hour`: the hour, its verdict, and what memory it took; one JSON line at the end."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from tests.soak import course
from tests.soak.client import AUDIO, Client, Diary
from tests.soak.oracle import PREPARE_S, MetaStudio, Script, SoftSugar, Stretch

ROOMS = 12
"""At each vendor."""
TOLERANCE_S = 0.001
BEAT_S = 30.0
MARK_S = 300.0
"""Memory is measured each five minutes; growth counts from the first."""

Act = Callable[[], Awaitable[None]]


@dataclass
class Verdict:
    """What the hour showed; `wrong` is empty when everything was as it had to be."""

    wrong: list[str] = field(default_factory=list)
    stretches: int = 0
    orders: int = 0
    drift_s: float = 0.0
    real_s: float = 0.0
    took_s: float = 0.0
    worst_s: float = 0.0
    memory_mb: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Of the process, from minute 5 to the end."""
        first = self.memory_mb[0] if self.memory_mb else 1.0
        return max(self.memory_mb, default=1.0) / first - 1


class Hour:
    def __init__(self, seed: int, until: float) -> None:
        self.until = until
        self.sugar = [course.softsugar(number, seed, until) for number in range(ROOMS)]
        self.meta = [course.metastudio(number, seed, until) for number in range(ROOMS)]
        self.verdict = Verdict()
        self._agenda: list[tuple[float, int, Act]] = []
        # The sandbox keeps only the last few thousand rows.
        self._kept = Diary()
        self._open: list[dict[str, Any]] = []
        self._written: set[int] = set()

    def plan(self, at: float, act: Act) -> None:
        self._agenda.append((at, len(self._agenda), act))

    async def run(self) -> Verdict:
        began, clock = time.monotonic(), ManualClock()
        config = SandboxConfig(port=0, seed=11, ticks=False)
        async with SandboxServer(config, clock) as server, httpx.AsyncClient(trust_env=False) as http:
            server.world.face("metastudio").switches.configure(  # type: ignore[attr-defined]
                {"audio": {AUDIO.format(seconds): seconds for seconds in (2.5, 4.0, 7.25)}}
            )
            client = Client(server, clock, http)
            self._plan_all(client)
            start = clock.monotonic()
            await self._play(client)
            await self._collect(client)
            self.verdict.real_s = clock.monotonic() - start
            self.verdict.drift_s = abs(server.world.clock.now() - self.until)
            self._judge(client)
            await client.close()
        self.verdict.took_s = round(time.monotonic() - began, 1)
        return self.verdict

    # -- the hour ----------------------------------------------------------------------------------------------------

    def _plan_all(self, client: Client) -> None:
        for plan in self.sugar:
            self.plan(plan.begins, lambda plan=plan: client.create(plan))  # type: ignore[misc]
            self.plan(plan.begins + 4.0, lambda plan=plan: client.go_live(plan))  # type: ignore[misc]
            for order in plan.orders:
                self.plan(order.at, lambda plan=plan, order=order: client.do_softsugar(plan, order))  # type: ignore[misc]
        for plan in self.meta:
            self.plan(plan.begins, lambda plan=plan: client.start(plan))  # type: ignore[misc]
        course.in_turn(self.meta)
        for plan in self.meta:
            for number, order in enumerate(plan.orders):
                act = lambda plan=plan, order=order, number=number: client.do_metastudio(plan, order, number)  # noqa: E731
                self.plan(order.at, act)  # type: ignore[arg-type]
        self.verdict.orders = sum(len(plan.orders) for plan in (*self.sugar, *self.meta))

    async def _play(self, client: Client) -> None:
        """From order to order; the world's speed changes and heartbeats come in between."""
        changes = [*course.SPEEDS[1:], (float("inf"), 1.0)]
        speed, beat_at, mark_at = 1.0, BEAT_S, MARK_S
        # The plan stays whole to the end, so that giving it up hides no growth.
        for at, _, act in sorted(self._agenda, key=lambda one: one[:2]):
            while (stop := min(changes[0][0], beat_at, mark_at)) <= min(at, self.until):
                client.go_to(stop, speed)
                if stop == changes[0][0]:
                    speed = changes.pop(0)[1]
                    await self._set_speed(client, speed)
                    beat_at = min(beat_at, stop + BEAT_S * speed)
                if stop == beat_at:
                    await client.beat(client.live_at)
                    beat_at += BEAT_S * speed
                if stop == mark_at:
                    await self._collect(client)
                    self._measure()
                    mark_at += MARK_S
            client.go_to(at, speed)
            await act()
        client.go_to(self.until, speed)
        self._measure()

    async def _collect(self, client: Client) -> None:
        """What was heard since the last time; what is still heard is asked for again."""
        since = min((row["seq"] for row in self._open), default=max(self._written, default=0) + 1) - 1
        answer = await client.http.get(f"{client.server.url}/sandbox/audible?since={since}")
        rows = [row for row in answer.json()["heard"] if row["seq"] not in self._written]
        self._open = [row for row in rows if row["ended_at"] is None]
        for row in rows:
            if row["ended_at"] is not None:
                self._kept.write(row)
        first = min((row["seq"] for row in self._open), default=max((row["seq"] for row in rows), default=0))
        self._written = {row["seq"] for row in rows if row["ended_at"] is not None and row["seq"] >= first} | {
            seq for seq in self._written if seq >= first
        }

    async def _set_speed(self, client: Client, speed: float) -> None:
        answer = await client.http.put(client.server.url + "/sandbox/clock", json={"speed": speed})
        answer.raise_for_status()

    def _measure(self) -> None:
        gc.collect()
        self.verdict.memory_mb.append(round(resident_mb(), 2))

    # -- the verdict -------------------------------------------------------------------------------------------------

    def _judge(self, client: Client) -> None:
        self._rows = sorted([*self._kept.read(), *self._open], key=lambda row: int(row["seq"]))
        self._ids = dict(client.ids.read())
        for plan in self.sugar:
            name = f"s{plan.number}"
            oracle = SoftSugar(client.live_at[name]).run(plan.orders, self.until)
            self._compare(client, name, oracle.heard)
            self._same(name, "notices", client.lines[name].notices(), oracle.told)
        for plan in self.meta:
            name = f"m{plan.number}"
            meta = MetaStudio(Script(plan.texts, plan.repeat), plan.speed, plan.begins + PREPARE_S)
            meta.run(plan.orders, self.until)
            self._compare(client, name, meta.heard)
            self._same(name, "refused", client.refused[name], meta.ignored)

    def _compare(self, client: Client, name: str, wanted: list[Stretch]) -> None:
        heard = [self._stretch(row) for row in self._rows if row["session"] == client.sessions[name]]
        heard, wanted = [one for one in heard if _lasts(one)], [one for one in wanted if _lasts(one)]
        self.verdict.stretches += len(heard)
        for number, (ours, theirs) in enumerate(zip(heard, wanted, strict=False)):
            if (problem := self._differs(ours, theirs)) is not None:
                self.verdict.wrong.append(f"{name} #{number}: {problem}\n  heard  {ours}\n  wanted {theirs}")
                return
        self._same(name, "stretches", len(heard), len(wanted))

    def _stretch(self, row: dict[str, Any]) -> Stretch:
        ref = self._ids.get(row["ref"], row["ref"])
        plain = (
            {"script": "script", "microphone": "voice"}.get(row["source"]) if row["vendor"] == "metastudio" else None
        )
        return Stretch(plain or ref, row["started_at"], row["ended_at"], row["cut"], row["text"])

    def _differs(self, ours: Stretch, theirs: Stretch) -> str | None:
        gaps = [abs(ours.start - theirs.start), abs((ours.end or 0.0) - (theirs.end or 0.0))]
        self.verdict.worst_s = max(self.verdict.worst_s, *gaps)
        if (ours.ref, ours.text, ours.is_cut) != (theirs.ref, theirs.text, theirs.is_cut):
            return "another item"
        return "another time" if max(gaps) > TOLERANCE_S else None

    def _same(self, name: str, what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            self.verdict.wrong.append(f"{name} {what}: {_difference(ours, theirs)}")


def _lasts(one: Stretch) -> bool:
    """A stretch of no length is none: begun and cut at the same moment."""
    return one.end is None or one.end - one.start > TOLERANCE_S


def _difference(ours: object, theirs: object) -> str:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)]
        return "; ".join(f"{key}: {ours.get(key)} instead of {theirs.get(key)}" for key in sorted(keys)[:5])
    return f"{ours} instead of {theirs}"


def resident_mb() -> float:
    """What this process holds in memory; where only the peak is told, the peak."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)  # what was freed long ago would hide what grew since
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6


def hour(seed: int, minutes: float) -> Verdict:
    return asyncio.run(Hour(seed, minutes * 60).run())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    verdict = hour(options.seed, options.minutes)
    for line in verdict.wrong:
        print(line, file=sys.stderr)
    print(json.dumps({**vars(verdict), "growth": round(verdict.growth, 4), "pid": os.getpid()}))
    return int(bool(verdict.wrong))


if __name__ == "__main__":
    sys.exit(main())
