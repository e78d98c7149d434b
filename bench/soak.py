"""`make soak`: 24 live rooms, 50 audience events a second, people at work and 8 browsers, for half an hour.

The fleet of the fault suite (two consoles, two relays, worker, PostgreSQL, Redis, the sandbox), and nothing fails. Then
whose memory grew from minute 5 on, what the logs complain of, how long a page knew nothing, and whether every counter
adds up. The sandbox's record judges the sentences. Prints lines for `run.py`; ends with 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import secrets
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from table import ROOT, Line, load, median, note, report

sys.path.insert(0, str(ROOT))

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import ARGUMENTS, chromium_on_path

if TYPE_CHECKING:
    from tests.faults.place import Place
    from tests.faults.run import Run

EVENTS_PER_S = 50
#: Three events each on average; some more than is wanted, since an answer takes its time.
REPORTS_PER_S = 18
TOOLS = 4
BROWSERS = 8
WARM_MIN = 5.0
MOST_GROWTH = 0.05
#: A page that heard no tick for 5 s says so itself; longer than this is a page that nobody would trust.
MOST_UNSURE_S = 5.0
SAMPLE_EVERY_S, LOOK_EVERY_S = 10.0, 1.0
COMPLAINTS = re.compile(r'"level": ?"(ERROR|CRITICAL)"|\b(ERROR|CRITICAL)\b|^Traceback', re.MULTILINE)
_PAGE = 4096


class Memory:
    """What each process holds, in MB by minutes since the start."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.samples: dict[str, list[tuple[float, float]]] = defaultdict(list)

    async def watch(self) -> None:
        began = time.monotonic()
        while True:
            for name, process in self._place.processes.items():
                self.samples[name].append(((time.monotonic() - began) / 60, _held_mb(process.pid)))
            await asyncio.sleep(SAMPLE_EVERY_S)

    def growth(self) -> dict[str, tuple[float, float]]:
        """By process, MB in the first minute after it was warm and in the last one."""
        grown = {}
        for name, samples in self.samples.items():
            last = samples[-1][0]
            warm = [held for at, held in samples if WARM_MIN <= at < WARM_MIN + 1]
            grown[name] = (median(warm or [samples[0][1]]), median([held for at, held in samples if at > last - 1]))
        return grown


def _held_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6


class Pages:
    """Browsers on walls and desks of both consoles, in a thread: Playwright has an event loop of its own."""

    def __init__(self, urls: list[str], codes: list[str]) -> None:
        self.complaints: list[str] = []
        self.longest_unsure_s = 0.0
        self._urls, self._codes = urls, codes
        self._stop, self._ready = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="pages", daemon=True)

    def open(self) -> None:
        self._thread.start()
        if not self._ready.wait(120):
            raise RuntimeError("the browsers do not start")

    def close(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_on_path(), args=ARGUMENTS)
            pages = [self._open(browser, number) for number in range(BROWSERS)]
            self._ready.set()
            unsure: dict[int, float] = {}
            while not self._stop.wait(LOOK_EVERY_S):
                for number, page in enumerate(pages):
                    age = page.evaluate("document.getElementById('beat')?.dataset.age ?? ''")
                    if age in ("live", "ageing"):
                        unsure.pop(number, None)
                    else:
                        since = unsure.setdefault(number, time.monotonic())
                        self.longest_unsure_s = max(self.longest_unsure_s, time.monotonic() - since)
            browser.close()

    def _open(self, browser: Browser, number: int) -> Page:
        """Even numbers are walls, odd ones desks."""
        from tests.faults.screens import open_wall
        from tests.scaled.person import TEAM

        page = open_wall(browser, self._urls[number // 2 % len(self._urls)])
        page.on("pageerror", lambda error: self.complaints.append(f"page {number}: {error}"))
        if number % 2:
            page.goto(f"/t/{TEAM}/rooms/{self._codes[number]}")
        return page


def miscounted() -> list[str]:
    """Counters of jobs that are not what the log has, and sentences that the ledger has without an end."""
    from django.db.models import Count, Q

    from dashboard.events.kinds import Kind
    from dashboard.events.models import Event
    from dashboard.jobs.models import Job
    from dashboard.takeover.models import IS_OPEN, Takeover
    from dashboard.takeover.states import Source

    logged = Event.objects.filter(job_id__isnull=False).values("job_id")
    comments = logged.annotate(n=Count("id", filter=Q(kind=Kind.COMMENT))).values_list("job_id", "n")
    counted = dict(Job.objects.values_list("id", "comments"))
    told = [f"job {job} counts {counted[job]} comments, its log has {n}" for job, n in comments if counted[job] != n]
    left = Takeover.objects.filter(IS_OPEN).exclude(source=Source.SCRIPT).count()
    return told + ([f"{left} sentences have no end"] if left else [])


def complaints(place: Place) -> list[str]:
    """Lines of any log that are errors."""
    return [
        f"{name}: {line[:300]}"
        for name in place.processes
        for line in place.log(name).splitlines()
        if COMPLAINTS.search(line)
    ]


async def soak(place: Place, minutes: float, rooms: int) -> list[Line]:
    from dashboard.lib.threads import in_thread
    from tests.faults.place import WEBS
    from tests.faults.run import Run
    from tests.faults.verdict import sentences

    run = Run(place, secrets.randbelow(1_000_000), rooms, reports_per_s=REPORTS_PER_S, tools=TOOLS)
    memory, before = Memory(place), load()
    async with run.opened():
        pages = Pages([place.url(name) for name in WEBS], [room.code for room in run.rooms])
        await asyncio.to_thread(pages.open)
        watching = asyncio.create_task(memory.watch())
        began, events = time.monotonic(), len(run.books.events)
        await asyncio.sleep(minutes * 60)
        rate = (len(run.books.events) - events) / (time.monotonic() - began)
        watching.cancel()
        await asyncio.to_thread(pages.close)
        await run.settle()
    wrong = [*await in_thread(sentences, run.books), *await in_thread(miscounted)]
    return lines(memory, run, pages, [*complaints(place), *pages.complaints], wrong, rate, before)


def lines(
    memory: Memory, run: Run, pages: Pages, errors: list[str], wrong: list[str], rate: float, before: float
) -> list[Line]:
    found = []

    def line(what: str, figure: str, goal: str, is_met: bool, **detail: Any) -> None:
        verdict = "met" if is_met else "MISSED"
        found.append(Line("soak", what, figure, "", "", goal, verdict, before, load(), detail))

    for name, (warm, last) in memory.growth().items():
        grown = last / warm - 1
        held = memory.samples[name]
        line(
            f"memory of {name}",
            f"{warm:.0f} → {last:.0f} MB, {grown:+.1%}",
            "< +5 %",
            grown < MOST_GROWTH,
            held=[[round(at, 2), round(mb, 1)] for at, mb in held[::6]],
        )
    line("audience events a second", f"{rate:.1f}", f"≥ {EVENTS_PER_S}", rate >= EVENTS_PER_S)
    line("errors in logs and pages", str(len(errors)), "0", not errors, errors=errors[:50])
    asked = sum(one.is_acknowledged for one in run.books.asked)
    what = f"faults of {asked} sentences, {len(run.books.events)} comments and their counters"
    line(what, str(len(wrong)), "0", not wrong, wrong=wrong[:50])
    unsure = pages.longest_unsure_s
    line(f"{BROWSERS} browsers without truth", f"{unsure:.1f} s", f"≤ {MOST_UNSURE_S:.0f} s", unsure <= MOST_UNSURE_S)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rooms", type=int, default=24)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The servers first: settings name them, and are read once.
    from tests.faults.place import Place, servers

    with servers() as (folder, ports, postgres, redis):
        place = Place(folder, ports, postgres, redis)
        os.environ.update(place.environment)
        django.setup()
        try:
            place.open()
            found = asyncio.run(soak(place, options.minutes, options.rooms))
        finally:
            place.stop_all()
    for one in found:
        note(f"{one.verdict:>6}  {one.what}: {one.figure} (goal {one.goal})")
        for text in [*one.detail.get("errors", []), *one.detail.get("wrong", [])]:  # type: ignore[misc]
            note(f"        {text}")
    report(found)
    return int(any(one.verdict == "MISSED" for one in found))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.exit(main())
