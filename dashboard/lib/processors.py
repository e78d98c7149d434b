"""All threads of a process on one processor: only one of them runs Python at a time. Linux; elsewhere nothing happens.

The interpreter's turn is handed on thousands of times a second. To a thread that waits on another processor that is a
wake-up of that processor each time, which in a virtual machine takes longer than the work itself. See
docs/decisions/0048-threads-on-one-processor.md.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LOOK_EVERY_S = 5.0
#: Shares of a processor. What others take of ours before we look for another, and by how much that must be better.
CROWDED, BETTER_BY = 0.25, 0.2
#: Where this process may run at all, as it was when its threads were brought together.
_allowed: frozenset[int] = frozenset()
_here: int | None = None
#: Processes of ours that run beside us: woken by what we write, they would be put where we are.
_beside: set[int] = set()

Ticks = dict[int, tuple[int, int]]
"""Processor → clock ticks since the machine began: busy, and all."""


def keep_together() -> None:
    """From now on all threads run on one processor, the ones to come too; where others crowd it, on another."""
    global _allowed
    if not hasattr(os, "sched_setaffinity") or len(there := os.sched_getaffinity(0)) < 2:
        return
    _allowed = frozenset(there)
    try:
        before = _ticks()
    except OSError:
        return  # nobody could tell whether others crowd it
    # By chance: several consoles of one machine, each in a container, may all have the same number.
    _move(sorted(there)[time.time_ns() // 1000 % len(there)])
    threading.Thread(target=_watch, args=(before,), name="processor", daemon=True).start()


def put_beside(child: int) -> None:
    """Let a process that we have just started run wherever we don't; without this it inherits where we are."""
    _beside.add(child)
    _leave_room(child)


def run_anywhere() -> None:
    """The first act of a child that nobody put beside us, and that reckons for a while."""
    if hasattr(os, "sched_setaffinity"):
        with suppress(OSError):
            os.sched_setaffinity(0, range(os.cpu_count() or 1))  # of those that the system lets it have


def _leave_room(child: int) -> None:
    if _here is None:
        return
    try:
        if _parent_of(child) == os.getpid():  # its number may be another's by now
            os.sched_setaffinity(child, _allowed - {_here})
    except OSError:
        _beside.discard(child)


def _parent_of(child: int) -> int:
    """From /proc/<pid>/stat: "42 (name) S parent …", where the name may hold anything."""
    return int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])


def _watch(before: Ticks) -> None:
    since, used = time.monotonic(), time.process_time()
    while _here is not None:
        time.sleep(LOOK_EVERY_S)
        now, until, uses = _ticks(), time.monotonic(), time.process_time()
        # Where we stay too: a thread may have begun while its maker was on its way.
        _move(chosen(_here, _shares(before, now), ours=(uses - used) / (until - since)))
        before, since, used = now, until, uses


def chosen(here: int, busy: Mapping[int, float], ours: float) -> int:
    """The processor to be on, of those that `busy` tells the share of; on `here` we take `ours` of it ourselves."""
    others = busy.get(here, 0.0) - ours
    best = min(busy, key=lambda one: (busy[one], one), default=here)
    return best if others > CROWDED and busy[best] < others - BETTER_BY else here


def _shares(before: Ticks, now: Ticks) -> dict[int, float]:
    taken = {one: (now[one][0] - before[one][0], now[one][1] - before[one][1]) for one in now.keys() & before.keys()}
    return {one: busy / whole for one, (busy, whole) in taken.items() if whole > 0}


def _ticks() -> Ticks:
    """From /proc/stat: "cpu3 user nice system idle iowait irq softirq steal …"."""
    ticks: Ticks = {}
    for line in Path("/proc/stat").read_text().splitlines():
        name, *numbers = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in _allowed:
            spent = [int(number) for number in numbers[:8]]
            ticks[int(name[3:])] = sum(spent) - spent[3] - spent[4], sum(spent)
    return ticks


def _move(to: int) -> None:
    global _here
    has_moved, _here = _here != to, to
    for thread in os.listdir("/proc/self/task"):
        with suppress(OSError):  # it has just ended
            os.sched_setaffinity(int(thread), {to})
    for child in list(_beside) if has_moved else ():
        _leave_room(child)
