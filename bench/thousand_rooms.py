"""P8: one relay that keeps 1,000 live rooms of one MetaStudio account: its calls, its share of a core, its memory.

The rooms and jobs are made in a sandbox on a clock of its own, as in sandbox_load.py, and written into the console's
PostgreSQL by the services that write a start's answer. Then a sandbox and a relay start as processes; what is measured
begins once all takeover channels are up. Prints lines for `run.py`; ends with 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from sandbox_load import a_sink, cpu_s, memory_mb, prepare
from table import ROOT, Line, load, note, report

sys.path.insert(0, str(ROOT))

import django

if TYPE_CHECKING:
    from tests.scaled.stack import Fleet

ROOMS = 1_000
LISTINGS_PER_S, CORES, MEGABYTES = 1 / 5, 0.5, 300
LINKED_WITHIN_S = 240.0
COMES_TO_REST_S = 20.0
RELAY = "relay-1"
METRICS = "web-1"
"""Whose port the relay tells its counters at: there is no console here."""
LISTING = "list_tenant_smart_live_jobs"
#: Of a hundred jobs each, and one that says that this was all.
PAGES = ROOMS / 100 + 1


def furnish(url: str, credentials: dict[str, str], jobs: list[dict[str, Any]]) -> None:
    """The account, its rooms, and each job as its start was answered."""
    import msgspec

    from dashboard.accounts import services as accounts
    from dashboard.accounts.models import Role
    from dashboard.audit.trail import CONSOLE, Actor
    from dashboard.jobs.services.start import start_job
    from dashboard.live.demo.team import account_drafts
    from dashboard.live.relay.outcomes.adoption import adopt
    from dashboard.rooms.services.at_vendor import room_pushed
    from dashboard.vendors import services as vendors
    from dashboard.vendors.metastudio import wire
    from dashboard.vendors.models import Command, CommandState, VendorKind
    from dashboard.vendors.port import Session, SessionOpened
    from tests.faults.house import make_room

    team = accounts.create_team(slug="bench", name="Bench")
    email = "bench@demo.talkback.test"
    user = accounts.add_member(
        team=team, email=email, name="Bench", role=Role.ADMIN, password="on-air-tonight", actor=CONSOLE
    ).user
    draft = next(one for one in account_drafts(url, credentials) if one.vendor == VendorKind.METASTUDIO)
    account = vendors.create_account(team=team, draft=draft, actor=CONSOLE, is_sandbox=True)
    actor = Actor(user.pk, user.email, Role.ADMIN)
    for number, answer in enumerate(jobs):
        made = make_room(account, number)
        room_pushed(made, vendor_ref=answer["room_id"], version=made.version)
        made.refresh_from_db()
        started = start_job(room=made, user=user, actor=actor, key=f"bench-{number}")
        said = msgspec.convert(answer, wire.Job)
        session = Session(
            vendor_ref=said.job_id,
            room_ref=answer["room_id"],
            report_url=said.live_event_report_url or "",
            rtc=wire.rtc_values(said.rtc_room_info),
        )
        adopt(started, SessionOpened(session), by="bench")
    Command.objects.filter(state=CommandState.READY).update(state=CommandState.WITHDRAWN)


def calls(relay_url: str) -> dict[str, float]:
    """Of each operation, how often the relay called it so far."""
    counted: dict[str, float] = {}
    for line in httpx.get(f"{relay_url}/metrics", trust_env=False, timeout=10).text.splitlines():
        if line.startswith("talkback_vendor_calls_total{"):
            operation = line.split('operation="', 1)[1].split('"', 1)[0]
            counted[operation] = counted.get(operation, 0.0) + float(line.rsplit(" ", 1)[1])
    return counted


def measure(place: Fleet, seconds: float) -> dict[str, Any]:
    """Once all channels are up."""
    linked = "SELECT count(*) FROM jobs_job WHERE link = 'up' AND ended_at IS NULL"
    began = time.monotonic()
    until(lambda: place.rows(linked)[0][0] == ROOMS, "all channels are up", LINKED_WITHIN_S)
    took = time.monotonic() - began
    note(f"{ROOMS} channels up after {took:.0f} s")
    time.sleep(COMES_TO_REST_S)
    pid, url = place.processes[RELAY].pid, place.url(METRICS)
    before, cpu, start = calls(url), cpu_s(pid), time.monotonic()
    if profiler := os.environ.get("BENCH_PROFILER"):  # e.g. "py-spy record -d 20 -f raw -o out.txt -p"
        subprocess.run([*profiler.split(), str(pid)], check=False, stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    wall = time.monotonic() - start
    made = {name: count - before.get(name, 0.0) for name, count in calls(url).items() if count > before.get(name, 0.0)}
    return {
        "seconds": round(wall, 1),
        "all_up_after_s": round(took, 1),
        "cores": round((cpu_s(pid) - cpu) / wall, 3),
        "memory_mb": round(memory_mb(pid), 1),
        "calls": made,
        "up_at_the_end": place.rows(linked)[0][0],
    }


def until(seen: Callable[[], bool], what: str, within: float) -> None:
    deadline = time.monotonic() + within
    while not seen():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {within:.0f} s: {what}")
        time.sleep(0.5)


def lines(found: dict[str, Any], before: float) -> list[Line]:
    listings = found["calls"].get(LISTING, 0) / PAGES / found["seconds"]
    rows = [
        ("listings a second, one account", listings, LISTINGS_PER_S, ""),
        ("relay's share of a core", found["cores"], CORES, " cores"),
        ("relay's memory", found["memory_mb"], MEGABYTES, " MB"),
    ]
    return [
        Line(
            "P8",
            f"{what}, {ROOMS:,} live rooms",
            f"{figure:.2f}{unit}",
            goal=f"≤ {goal:g}{unit}",
            # A listing more or less falls into the time that is measured.
            verdict="met" if figure <= goal * 1.05 else "MISSED",
            load_before=before,
            load_after=load(),
            detail=found,
        )
        for what, figure, goal, unit in rows
    ]


async def with_rooms(place: Fleet, seconds: float) -> dict[str, Any]:
    async with a_sink() as (sink, _):
        folder = Path(place.folder) / "sandbox"
        folder.mkdir()
        credentials, _, jobs = await prepare(folder, place.ports["sandbox"], sink, sessions_live=0, jobs_live=ROOMS)
        note(f"{len(jobs)} jobs live at the vendor")
        await asyncio.to_thread(place.start_sandbox)
        await asyncio.to_thread(furnish, place.url("sandbox"), credentials, jobs)
        note("written into the console's database")
        place.environment["TALKBACK_METRICS_LISTEN"] = place.url(METRICS).removeprefix("http://")
        place.start_relay(RELAY)
        return await asyncio.to_thread(measure, place, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    # The servers first: settings name them, and are read once.
    from tests.faults.place import servers
    from tests.scaled.stack import Fleet

    before = load()
    with servers() as (folder, ports, postgres, redis):
        place = Fleet(folder, ports, postgres.url, redis)
        os.environ.update(place.environment)
        django.setup()
        try:
            place.manage("migrate", "-v", "0")
            found = asyncio.run(with_rooms(place, options.seconds))
        except RuntimeError:
            note(place.log(RELAY)[-2000:])
            raise
        finally:
            place.stop_all()
    note(json.dumps(found))
    told = lines(found, before)
    report(told)
    return int(any(one.verdict == "MISSED" for one in told))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.exit(main())
