"""P10: two consoles against one, on one PostgreSQL and one Redis: facts recorded, and texts to browsers.

Facts: each process records through the real intake for rooms of its own, as fast as it can; a relay records by the same
writer. Texts: one console with all browsers, then two with half of them each; what a second of wall clock could carry
is what arrived by the share of a core that the busier one needed. A thousand browsers are a fifth of a core, most of it
what each console does for itself; with five thousand the giving is most of it. The crowds are processes of their own.
Prints lines for `run.py`; ends with 1 when a goal is missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fan_out import BROWSERS, CROWD_CORES, FAST_S, SERVER_CORES, Home, ended, hear, hello_frame, launched, tell
from ingest import DURABLE, Course, rooms_on_air
from stack import clean_environment, free_port
from table import ROOT, Line, load, median, note, report, times

sys.path.insert(0, str(ROOT))

ROUNDS, SECONDS, WARM_UP_S = 3, 5.0, 1.5
ROOMS_EACH = 4
FEW, MANY = BROWSERS, 5_000
GOAL = 1.7


# --- in a process that records


def furnish() -> None:
    """A database with the rooms of two recorders. Prints the numbers of their jobs."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps([job.pk for job in rooms_on_air(2 * ROOMS_EACH)]), flush=True)


def record(jobs: list[int], first: int) -> None:
    """Facts a second, once a line comes; `first`: numbers from there on were never recorded."""
    import django

    django.setup()
    from dashboard.jobs.models import Job
    from dashboard.live.management.serving import take_short_turns

    take_short_turns()
    course = Course(list(Job.objects.filter(pk__in=jobs)))
    course.number = first
    course.intake(0.5)
    print("ready", flush=True)
    sys.stdin.readline()
    print(course.intake(SECONDS), flush=True)
    os._exit(0)


# --- all of it


def recorded(environment: dict[str, str], jobs: list[int], processes: int, first: int) -> float:
    """Facts a second of all processes together."""
    with ExitStack() as running:
        recorders = []
        for number in range(processes):
            mine = jobs[number * ROOMS_EACH : (number + 1) * ROOMS_EACH]
            command = [sys.executable, __file__, "--record", json.dumps(mine), str(first)]
            recorders.append(running.enter_context(ended(launched(command, SERVER_CORES, environment))))
        for process in recorders:
            assert hear(process) == "ready"
        for process in recorders:
            tell(process, "go")
        return sum(float(hear(process)) for process in recorders)


def facts_of(environment: dict[str, str]) -> list[tuple[float, float]]:
    command = [sys.executable, __file__, "--furnish"]
    made = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    jobs = json.loads(made.stdout.decode().strip().splitlines()[-1])
    # Numbers far apart: what was recorded before would be a repeat.
    starts = [round_no * 2_000_000 for round_no in range(ROUNDS)]
    return [(recorded(environment, jobs, 1, at), recorded(environment, jobs, 2, at + 1_000_000)) for at in starts]


def carried(home: Home, browsers: int, consoles: int) -> float:
    """Texts that `consoles` could give to browsers in a second, as far as their processors go: one for each of them."""
    with ExitStack() as running:
        servers, crowds = [], []
        for number in range(consoles):
            port, mine = free_port(), SERVER_CORES[number % len(SERVER_CORES)]
            wanted = {"port": port, "size": 0, "gap_s": FAST_S * consoles, "small_buffers": False}
            program = [sys.executable, str(ROOT / "bench" / "fan_servers.py"), "talkback", json.dumps(wanted)]
            servers.append(running.enter_context(ended(launched(program, [mine], home.environment))))
            assert hear(servers[-1]) == "ready"
            wanted = crowd(home, port, browsers // consoles)
            program = [sys.executable, str(ROOT / "bench" / "fan_crowd.py"), json.dumps(wanted)]
            crowds.append(running.enter_context(ended(launched(program, CROWD_CORES, home.environment))))
        for one in crowds:
            assert hear(one) == "open"
        for one in servers:
            tell(one, "go")
            time.sleep(FAST_S)  # in turn: facts of both at once would be one text, and there would be half as many
        for one in crowds:
            tell(one, "go")
        time.sleep(WARM_UP_S)
        before = [cpu(one) for one in servers]
        told = [json.loads(hear(one)) for one in crowds]
        after = [cpu(one) for one in servers]
    busiest = max(
        (late["own_cpu_s"] - early["own_cpu_s"]) / (late["at"] - early["at"])
        for early, late in zip(before, after, strict=True)
    )
    return float(sum(one["deliveries"] for one in told)) / SECONDS / busiest


def crowd(home: Home, port: int, browsers: int) -> dict[str, Any]:
    return {
        "port": port,
        "path": "/ws/live",
        "cookie": home.cookie,
        "hello": hello_frame(home.topic, "wall"),
        "mark": f'"topic":"{home.topic}","seq":',
        "browsers": browsers,
        "stalled": 0,
        "seconds": SECONDS,
        "warm_up_s": WARM_UP_S,
    }


def cpu(server: subprocess.Popen[bytes]) -> dict[str, float]:
    tell(server, "cpu")
    found: dict[str, float] = json.loads(hear(server))
    return found


def line(what: str, pairs: list[tuple[float, float]], before: float) -> Line:
    ratio = median([two / one for one, two in pairs])
    one, two = next(pair for pair in pairs if pair[1] / pair[0] == ratio)
    return Line(
        "P10",
        f"{what}, two consoles",
        f"{two:,.0f}/s",
        f"one: {one:,.0f}/s",
        times(ratio),
        f"≥ × {GOAL}",
        "met" if ratio >= GOAL else "MISSED",
        before,
        load(),
        {"rounds": pairs},
    )


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    from tests.postgres import server
    from tests.redis.server import redis_server

    before = load()
    server.FAST = DURABLE
    with server.postgres() as url, tempfile.TemporaryDirectory() as folder:
        facts = facts_of(clean_environment(Path(folder)) | {"DATABASE_URL": url})
    note(f"facts: {facts}")
    with server.postgres() as url, redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), DATABASE_URL=url, REDIS_URL=redis.url)
        texts = {
            size: [(carried(home, size, 1), carried(home, size, 2)) for _ in range(ROUNDS)] for size in (FEW, MANY)
        }
    note(f"texts: {texts}")
    lines = [
        line("facts recorded", facts, before),
        *(line(f"texts to {size:,} browsers", pairs, before) for size, pairs in texts.items()),
    ]
    report(lines)
    return int(any(one.verdict == "MISSED" for one in lines))


if __name__ == "__main__":
    if "--furnish" in sys.argv:
        furnish()
    elif "--record" in sys.argv:
        record(json.loads(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(main())
