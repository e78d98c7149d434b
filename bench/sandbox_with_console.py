"""The whole product at the speed of speech: is what the console says was heard, and when, what was audible?

24 rooms of both vendors on air for five minutes, a sentence said in one after the other in every mode, some cancelled.
Then each stretch of the sandbox's audible record is looked for in the console's database: a takeover or SoftSugar
script item by its reference, a MetaStudio paragraph by its switch. Every start and end must agree within a second.
Prints a table and one line for `run.py`; ends with 1 when one does not agree or is not there.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stack import Stack
from table import Line, load, note, report, spread

ROOMS = 24
LIMIT_S = 1.0
SAY_EVERY_S = 1.5
CANCEL_SHARE = 0.1
SENTENCES = (
    "新来的朋友点个关注，今天的价格只到下播为止。",
    "刚才有朋友问尺码，平时穿多大就拍多大。不合适包退换！",
    "库存还有最后几十件，喜欢的朋友可以先下单再考虑。发货很快，江浙沪隔天就到。",
)


@dataclass
class Compared:
    """One kind of stretch: how far apart the two records are, in seconds, and what the console does not have."""

    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def worst(self) -> float:
        return max((abs(gap) for gap in (*self.starts, *self.ends)), default=0.0)

    @property
    def is_right(self) -> bool:
        return not self.missing and self.worst <= LIMIT_S


def drive(stack: Stack, codes: list[str], seconds: float) -> None:
    dice = random.Random(3)
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        mode = dice.choice(("append", "append", "insert", "now"))
        stack.say(codes[number % len(codes)], dice.choice(SENTENCES), mode)
        number += 1
        if dice.random() < CANCEL_SHARE:
            cancel_one(stack, dice)
        time.sleep(SAY_EVERY_S)


def cancel_one(stack: Stack, dice: random.Random) -> None:
    waiting = stack.rows("SELECT id, version FROM takeover_takeover WHERE state = 'queued' AND source = 'operator'")
    if waiting:
        pk, version = dice.choice(waiting)
        stack.post(f"takeovers/{pk}/cancel", version=str(version))


def when(text: str | None) -> float | None:
    """Seconds of a time as SQLite or the sandbox writes it."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def compare(stack: Stack, heard: list[dict[str, Any]]) -> dict[str, Compared]:
    taken = {
        ref: times
        for trace, vendor_ref, *times in stack.rows(
            "SELECT trace_id, vendor_ref, started_at, finished_at FROM takeover_takeover"
        )
        for ref in (trace, vendor_ref)
    }
    switches: dict[str, list[float]] = defaultdict(list)
    for job, at in stack.rows(
        "SELECT job.vendor_ref, event.at FROM events_event event JOIN jobs_job job ON job.id = event.job_id"
        " WHERE event.kind = 'job.script_position'"
    ):
        switches[job].append(when(at) or 0.0)
    kinds: dict[str, Compared] = defaultdict(Compared)
    for row in heard:
        if row["vendor"] == "metastudio" and row["source"] == "script":
            paragraph(kinds["metastudio paragraph"], row, switches[row["session"]])
        else:
            item(kinds[f"{row['vendor']} item"], row, taken.get(row["ref"]))
    return dict(kinds)


def paragraph(found: Compared, row: dict[str, Any], switches: list[float]) -> None:
    """Its end is the next one's beginning; over HTTP nothing else tells of it."""
    start = when(row["started_real"]) or 0.0
    nearest = min(switches, key=lambda at: abs(at - start), default=None)
    if nearest is None or abs(nearest - start) > LIMIT_S:
        found.missing.append(f"{row['session']} {row['ref']} at {row['started_real']}")
    else:
        found.starts.append(nearest - start)


def item(found: Compared, row: dict[str, Any], times: list[str | None] | None) -> None:
    started, finished = (when(one) for one in times or (None, None))
    if started is None or (finished is None and not row["cut"]):
        found.missing.append(f"{row['session']} {row['ref']} at {row['started_real']}: {times}")
        return
    found.starts.append(started - (when(row["started_real"]) or 0.0))
    if finished is not None:
        found.ends.append(finished - (when(row["ended_real"]) or 0.0))


def show(kinds: dict[str, Compared]) -> str:
    rows = [
        f"{'stretches of':22} {'n':>6} {'start p50':>10} {'p99':>7} {'worst':>7} {'end p50':>9} {'worst':>7} missing"
    ]
    for kind, one in sorted(kinds.items()):
        starts, ends = (
            spread([abs(gap) for gap in one.starts or [0.0]]),
            spread([abs(gap) for gap in one.ends or [0.0]]),
        )
        rows.append(
            f"{kind:22} {len(one.starts):6} {starts['p50']:10.3f} {starts['p99']:7.3f} {starts['max']:7.3f}"
            f" {ends['p50']:9.3f} {ends['max']:7.3f} {len(one.missing):7}"
        )
        rows += [f"  missing: {text}" for text in one.missing[:5]]
    return "\n".join(rows)


class Ear:
    """Takes the audible record bit by bit: the sandbox keeps only the last few thousand rows."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.rows = stack, dict[int, dict[str, Any]]()

    def listen(self) -> None:
        open_rows = [seq for seq, row in self.rows.items() if row["ended_at"] is None]
        since = min(open_rows, default=max(self.rows, default=0) + 1) - 1
        for row in self.stack.sandbox.get(f"/sandbox/audible?since={since}").json()["heard"]:
            self.rows[row["seq"]] = row


def measure(seconds: float, rooms: int) -> Line:
    line = Line("console-times", f"console's times against the audible record, {rooms} rooms", "", load_before=load())
    with Stack() as stack:
        stack.fill_up_to(rooms)
        live = stack.put_all_on_air()
        note(f"{len(live)} rooms on air")
        ear = Ear(stack)
        ear.listen()
        first = time.time()
        while (left := first + seconds - time.time()) > 0:
            drive(stack, list(live), min(30.0, left))
            ear.listen()
        last = time.time()
        time.sleep(3)  # what the console was told in the last moment may still be on its way to its database
        ear.listen()
        ended = [one for one in ear.rows.values() if one["ended_real"] is not None]
        heard = [
            one for one in ended if first < (when(one["started_real"]) or 0) and (when(one["ended_real"]) or 0) < last
        ]
        kinds = compare(stack, heard)
    note(show(kinds))
    worst = max(one.worst for one in kinds.values())
    count = sum(len(one.starts) for one in kinds.values())
    missing = sum(len(one.missing) for one in kinds.values())
    line.figure = f"{worst:.2f} s worst of {count}, {missing} missing"
    line.goal = f"± {LIMIT_S:.0f} s, each"
    line.verdict = "met" if all(one.is_right for one in kinds.values()) else "MISSED"
    line.detail = {kind: {**vars(one), "starts": spread(one.starts or [0.0])} for kind, one in kinds.items()}
    line.load_after = load()
    return line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rooms", type=int, default=ROOMS)
    options = parser.parse_args()
    line = measure(options.seconds, options.rooms)
    report([line])
    return int(line.verdict != "met")


if __name__ == "__main__":
    sys.exit(main())
