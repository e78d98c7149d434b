"""Goals P5 and P6: the list of rooms beside a plain template view, and how long the busiest pages take the server.

Everything is measured in processor time through all of the console's middlewares: what shares the machine does not
count. Each measurement is a process of its own, with the team of `tests/apps/crowd.py`. Lines of lists are kept while
their rooms rest; how long a page takes where each of them is read again (and looks as before) is told beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stack import clean_environment
from table import ROOT, Line, load, median, note, quantile, report, times

sys.path.insert(0, str(ROOT))

ROUNDS, REQUESTS = 5, 12
GOALS = {200: 15.0, 1_000: 50.0}
GOAL_MS = 15.0
#: Rooms on the wall, all on air.
WALL = 24
FEED_LINES = 200
MOST_QUERIES = 12


# --- in the process that serves


def plain(request: Any, slug: str) -> Any:
    """What one writes first: the rooms with their jobs, and a template that shows each of them."""
    from django.shortcuts import render

    from dashboard.accounts.models import Team
    from dashboard.console import facts, tiles
    from dashboard.rooms.models import Room

    team = Team.objects.get(slug=slug)
    rooms = Room.objects.filter(team=team, archived_at=None).select_related("account", "team").order_by("code")
    rows = [tiles.room_row(one, team.slug) for one in facts.load(list(rooms))]
    return render(request, "plain_rooms.html", {"rows": rows})


PLAIN = '<table>{% for room in rows %}{% include "rooms/_room_row.html" %}{% endfor %}</table>'


def serve(rooms: int) -> None:
    import django

    from dashboard.lib.garbage import look_seldom, settle

    look_seldom()
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import path, reverse

    from dashboard import urls
    from tests import cast as make
    from tests.apps.crowd import ON_AIR_SHARE, make_crowd
    from tests.strings import forget_strings

    settings.ALLOWED_HOSTS = ["testserver"]
    folder = Path(settings.VAR_DIR) / "templates"
    folder.mkdir()
    (folder / "plain_rooms.html").write_text(PLAIN, encoding="utf-8")
    settings.TEMPLATES[0]["DIRS"] = [*settings.TEMPLATES[0]["DIRS"], folder]
    urls.urlpatterns.append(path("plain/<slug:slug>", plain))
    call_command("migrate", verbosity=0)
    cast = make.make_cast()
    crowd = make_crowd(cast, rooms, on_air_share=1 if rooms <= WALL else ON_AIR_SHARE)
    job = crowd.open_jobs[0]
    for number in range(FEED_LINES):
        make.comment(job, f"主播今天真好看 {number}")
    visitor = Client()
    visitor.force_login(cast.ada.user, "dashboard.accounts.backends.EmailBackend")
    pages = {
        "plain": "/plain/alpha",
        "rooms": reverse("console:rooms", args=["alpha"]),
        "wall": reverse("console:wall", args=["alpha"]),
        "desk": reverse("console:desk", args=["alpha", job.room.code]),
        "jobs": reverse("console:jobs", args=["alpha"]),
    }
    names = ("wall", "desk", "jobs") if rooms <= WALL else ("plain", "rooms")
    told: dict[str, Any] = {name: [] for name in (*names, *(f"{name}, again" for name in names))}
    for name in names:
        timed(visitor, pages[name], 2)
    settle()  # as a console does half a minute after its start
    for _ in range(ROUNDS):
        for name in names:
            told[name] += timed(visitor, pages[name], 3 if name == "plain" else REQUESTS)
            told[f"{name}, again"] += timed(visitor, pages[name], 3, before=forget_strings)
    told["queries"] = {name: queries(lambda name=name: visitor.get(pages[name])) for name in names}
    print(json.dumps(told), flush=True)


def timed(
    visitor: Any, url: str, times: int, *, before: Callable[[], object] = lambda: None
) -> list[tuple[float, float]]:
    """Milliseconds of the processor and of the clock, per request."""
    took = []
    for _ in range(times):
        before()
        cpu, clock = time.thread_time(), time.perf_counter()
        answer = visitor.get(url)
        took.append(((time.thread_time() - cpu) * 1000, (time.perf_counter() - clock) * 1000))
        assert answer.status_code == 200, (url, answer.status_code)
    return took


def queries(ask: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


# --- all of it


def measured(rooms: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="talkback-pages-") as folder:
        environment = clean_environment(Path(folder)) | {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        command = [sys.executable, __file__, "--serve", str(rooms)]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    return found


def rooms_line(rooms: int) -> Line:
    before, told = load(), measured(rooms)
    ours, other, moved = (median([cpu for cpu, _ in told[name]]) for name in ("rooms", "plain", "rooms, again"))
    ratio, asked = other / ours, told["queries"]["rooms"]
    note(f"{rooms} rooms: {ours:.1f} ms against {other:.1f} ms, {asked} queries; {moved:.1f} ms all read again")
    is_met = ratio >= GOALS[rooms] and asked <= MOST_QUERIES
    return Line(
        "P5",
        f"list of {rooms:,} rooms, requests per processor second, {asked} queries",
        f"{1000 / ours:.1f}/s",
        f"plain template view: {1000 / other:.1f}/s",
        times(ratio),
        f"≥ × {GOALS[rooms]:.0f}, ≤ {MOST_QUERIES} queries",
        "met" if is_met else "MISSED",
        before,
        load(),
        {"ours_ms": ours, "plain_ms": other, "queries": asked, "all_read_ms": moved},
    )


def page_lines() -> list[Line]:
    before, told = load(), measured(WALL)
    lines = []
    for name, what in (("wall", f"wall of {WALL}"), ("desk", f"desk with {FEED_LINES} feed lines"), ("jobs", "jobs")):
        cpu, clock = (median([one[at] for one in told[name]]) for at in (0, 1))
        moved = median([one[0] for one in told[f"{name}, again"]])
        slow = quantile([one[0] for one in told[name]], 0.95)
        note(f"{what}: {cpu:.1f} ms of the processor, {clock:.1f} ms of the clock, p95 {slow:.1f} ms")
        note(f"{what}, where all are read again: {moved:.1f} ms")
        lines.append(
            Line(
                "P6",
                f"{what}, server time, p50",
                f"{cpu:.1f} ms",
                goal=f"≤ {GOAL_MS:.0f} ms",
                verdict="met" if cpu <= GOAL_MS else "MISSED",
                load_before=before,
                load_after=load(),
                detail={
                    "cpu_ms": cpu,
                    "clock_ms": clock,
                    "cpu_p95_ms": slow,
                    "all_read_ms": moved,
                    "queries": told["queries"][name],
                },
            )
        )
    return lines


def main() -> int:
    lines = [*(rooms_line(rooms) for rooms in GOALS), *page_lines()]
    report(lines)
    return int(any(line.verdict == "MISSED" for line in lines))


if __name__ == "__main__":
    serve(int(sys.argv[2])) if "--serve" in sys.argv else sys.exit(main())
