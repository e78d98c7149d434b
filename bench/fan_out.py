"""Goals P1 to P3: one fact to a thousand browsers, per second of the server's processor, beside three baselines.

`raw` is an uvloop TCP server that writes the same bytes, Node's `ws` and Channels' `group_send` are what others would
use. Talkback is measured whole: a fact is recorded, its tile rendered, framed and written. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from stack import clean_environment, free_port
from table import ROOT, Line, load, median, note, quantile, report, times

sys.path.insert(0, str(ROOT))

BROWSERS = 1_000
FAST_S, SLOW_S = 0.05, 0.5
STALLED = 5
CORES = sorted(os.sched_getaffinity(0))
#: The server and the crowd never share a core, where there are enough of them.
SERVER_CORES, CROWD_CORES = (CORES[: len(CORES) // 2], CORES[len(CORES) // 2 :]) if len(CORES) > 1 else (CORES, CORES)


@dataclass(frozen=True, slots=True)
class Course:
    server: str
    gap_s: float
    seconds: float
    browsers: int = BROWSERS
    stalled: int = 0
    #: Of the baselines: they write what Talkback wrote.
    size: int = 400
    view: str = "wall"


@dataclass(slots=True)
class Figures:
    #: Texts that arrived, per second of processor time: of the thread of hub and sockets, of its whole process (facts
    #: are recorded there, logins looked at), and of that and the process that makes the fragments.
    per_cpu_s: float
    per_cpu_s_process: float
    per_cpu_s_whole: float
    deliveries: int
    changes: int
    frame_bytes: int
    backwards: int
    #: From the finished fragment to its arrival, and from the commit of its fact.
    p50_ms: float
    p99_ms: float
    commit_p99_ms: float
    rss_grown_mb: float
    overflows: float


class Home:
    """A database with one team, one person and one room on air; all servers of Talkback run on it."""

    def __init__(self, folder: Path, **more: str) -> None:
        """`more`: of its servers' environment."""
        self.folder = folder
        self.environment = {
            **clean_environment(folder),
            **more,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bench'}",
        }
        made = subprocess.run(
            [sys.executable, str(ROOT / "bench" / "fan_home.py")],
            env=self.environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        told = json.loads(made.stdout.decode().strip().splitlines()[-1])
        self.cookie, self.topic = f"talkback_session={told['session']}", told["topic"]


def launched(command: list[str], cores: list[int], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    pinned = ["taskset", "-c", ",".join(map(str, cores)), *command] if shutil.which("taskset") else command
    return subprocess.Popen(pinned, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def tell(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[bytes]) -> str:
    pipe: IO[bytes] | None = process.stdout
    assert pipe is not None
    line = pipe.readline()
    if not line:
        raise RuntimeError(f"{process.args} ended")
    return line.decode().strip()


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def measure(course: Course, home: Home, environment: dict[str, str] | None = None) -> Figures:
    port = free_port()
    small = course.view == "desk"
    wanted = {"port": port, "size": course.size, "gap_s": course.gap_s, "small_buffers": small}
    if course.server == "node":
        command = ["node", str(ROOT / "bench" / "fan_node.mjs"), json.dumps(wanted)]
    else:
        command = [sys.executable, str(ROOT / "bench" / "fan_servers.py"), course.server, json.dumps(wanted)]
    is_ours = course.server == "talkback"
    crowd = {
        "port": port,
        "path": "" if course.server == "raw" else "/ws/live",
        "cookie": home.cookie,
        "hello": hello_frame(home.topic, course.view) if is_ours else "",
        "mark": f'"topic":"{home.topic}","seq":' if is_ours else '"seq":',
        "browsers": course.browsers,
        "stalled": course.stalled,
        "seconds": course.seconds,
        "warm_up_s": 1.5,
    }
    whole = home.environment | (environment or {})
    with ExitStack() as running:
        server = running.enter_context(ended(launched(command, SERVER_CORES, whole)))
        assert hear(server) == "ready"
        program = [sys.executable, str(ROOT / "bench" / "fan_crowd.py"), json.dumps(crowd)]
        browsers = running.enter_context(ended(launched(program, CROWD_CORES, whole)))
        assert hear(browsers) == "open"
        tell(server, "go")
        tell(browsers, "go")
        return _figures(course, server, browsers)


def _figures(course: Course, server: subprocess.Popen[bytes], browsers: subprocess.Popen[bytes]) -> Figures:
    """The crowd is silent until its end; the server's processor is read a moment after its begin and at its end."""
    time.sleep(1.5)
    tell(server, "cpu")
    before = json.loads(hear(server))
    if profiler := os.environ.get("BENCH_PROFILER"):  # e.g. "py-spy record -n -d 4 -f raw -o out.txt -p"
        subprocess.run([*profiler.split(), str(server.pid)], check=False, stdout=subprocess.DEVNULL)
    told = json.loads(hear(browsers))
    tell(server, "cpu")
    after = json.loads(hear(server))
    tell(server, "end")
    left = json.loads(hear(server))
    waited = _waited(told["got"], left["sent"])
    # Over the whole stretch between the two readings, which the crowd's own is a little shorter than.
    stretch = after["at"] - before["at"]
    whole = (after["cpu_s"] - before["cpu_s"]) / stretch
    own = (after["own_cpu_s"] - before["own_cpu_s"]) / stretch if "own_cpu_s" in after else whole
    # The baselines have one thread, and Node's others only wait.
    loop = (after["loop_cpu_s"] - before["loop_cpu_s"]) / stretch if course.server == "talkback" else own
    rate = told["deliveries"] / course.seconds
    return Figures(
        per_cpu_s=rate / loop,
        per_cpu_s_process=rate / own,
        per_cpu_s_whole=rate / whole,
        deliveries=told["deliveries"],
        changes=told["changes"],
        frame_bytes=told["frame_bytes"],
        backwards=told["backwards"],
        p50_ms=quantile(waited, 0.5),
        p99_ms=quantile(waited, 0.99),
        commit_p99_ms=quantile(_waited(told["got"], left["committed"]), 0.99),
        rss_grown_mb=after["rss_mb"] - before["rss_mb"],
        overflows=after["overflows"] - before["overflows"],
    )


def _waited(got: list[tuple[float, int]], since: dict[str, float]) -> list[float]:
    """Milliseconds of each arrival; a frame may say more than one number, then it is the last that counts."""
    return [(at - since[str(number)]) * 1000 for at, number in got if str(number) in since] or [float("nan")]


def hello_frame(topic: str, view: str) -> str:
    return json.dumps({"op": "hello", "topics": {topic: 0}, "view": view, "language": "en"})


def node() -> dict[str, str] | str:
    """The environment in which Node finds `ws`, or why it is left out."""
    if shutil.which("node") is None:
        return "node is not installed"
    folder = os.environ.get("BENCH_NODE_MODULES", str(ROOT / "var" / "bench" / "node"))
    if not (Path(folder) / "node_modules" / "ws").is_dir():
        return f"ws is not there: npm install --prefix {folder} ws@8"
    return {"BENCH_NODE_MODULES": folder}


def fan_out(home: Home, seconds: float, rounds: int) -> list[Line]:
    before, found = load(), node()
    measured: dict[str, list[Figures]] = {"ours": [], "raw": [], "node": [], "layer": []}
    for _ in range(rounds):
        ours = measure(Course("talkback", FAST_S, seconds), home)
        size = ours.frame_bytes
        measured["ours"].append(ours)
        measured["raw"].append(measure(Course("raw", FAST_S, seconds, size=size), home))
        measured["layer"].append(measure(Course("layer", SLOW_S, seconds, size=size), home))
        if isinstance(found, dict):
            measured["node"].append(measure(Course("node", FAST_S, seconds, size=size), home, found))
    for name, figures in measured.items():
        note(f"{name}: {figures}")
    lines = [_ratio(measured, "raw", 0.8, "raw TCP, uvloop", before)]
    if isinstance(found, dict):
        lines.append(_ratio(measured, "node", 1.0, "Node ws", before))
    else:
        lines.append(Line("P1", "fan-out beside Node ws", "—", goal="≥ × 1.0", verdict=f"left out: {found}"))
    lines.append(_ratio(measured, "layer", 40.0, "Channels group_send", before))
    for what, name in (
        ("with the threads that record its facts", "per_cpu_s_process"),
        ("with those and the process of the fragments", "per_cpu_s_whole"),
    ):
        ratios = [
            getattr(ours, name) / raw.per_cpu_s for ours, raw in zip(measured["ours"], measured["raw"], strict=True)
        ]
        figure = median([getattr(ours, name) for ours in measured["ours"]])
        lines.append(
            Line(
                "P1",
                what,
                f"{figure:,.0f}/s",
                "raw TCP, uvloop",
                times(median(ratios)),
                load_before=before,
                load_after=load(),
            )
        )
    return lines


def _ratio(measured: dict[str, list[Figures]], name: str, goal: float, label: str, before: float) -> Line:
    """Of the rounds the one in the middle: server and baseline ran one after the other in each."""
    pairs = zip(measured["ours"], measured[name], strict=True)
    ratio = median([ours.per_cpu_s / other.per_cpu_s for ours, other in pairs])
    return Line(
        "P1",
        f"one fact to {BROWSERS:,} browsers, deliveries per processor second",
        f"{median([one.per_cpu_s for one in measured['ours']]):,.0f}/s",
        f"{label}: {median([one.per_cpu_s for one in measured[name]]):,.0f}/s",
        times(ratio),
        f"≥ × {goal}",
        "met" if ratio >= goal and not any(one.backwards for one in measured["ours"]) else "MISSED",
        before,
        load(),
        {"ours": [asdict(one) for one in measured["ours"]], name: [asdict(one) for one in measured[name]]},
    )


def with_redis(home: Home, seconds: float) -> Line:
    before = load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    os.environ.setdefault("TALKBACK_VAR", str(home.folder))
    from tests.redis.server import redis_server

    with redis_server() as redis:
        shared = measure(Course("talkback", FAST_S, seconds), home, {"REDIS_URL": redis.url})
    alone = measure(Course("talkback", FAST_S, seconds), home)
    note(f"redis: {shared}; embedded: {alone}")
    ratio = shared.per_cpu_s / alone.per_cpu_s
    return Line(
        "P1",
        "fan-out of a console of a fleet, with Redis",
        f"{shared.per_cpu_s:,.0f}/s",
        f"embedded: {alone.per_cpu_s:,.0f}/s",
        times(ratio),
        "≥ × 0.6",
        "met" if ratio >= 0.6 else "MISSED",
        before,
        load(),
        {"redis": asdict(shared), "embedded": asdict(alone)},
    )


def calm(home: Home, seconds: float) -> Line:
    before = load()
    ours = measure(Course("talkback", SLOW_S, seconds), home)
    raw = measure(Course("raw", SLOW_S, seconds, size=ours.frame_bytes), home)
    note(f"2/s: {ours}; raw: {raw}")
    return Line(
        "P2",
        f"2 changes/s to {BROWSERS:,} browsers, fragment → arrival, p99",
        f"{ours.p99_ms:.1f} ms",
        f"raw TCP: {raw.p99_ms:.1f} ms",
        times(ours.p99_ms / raw.p99_ms),
        "≤ 25 ms",
        "met" if ours.p99_ms <= 25 else "MISSED",
        before,
        load(),
        {"ours": asdict(ours), "raw": asdict(raw)},
    )


def stalled(home: Home, seconds: float) -> Line:
    before = load()
    all_read = measure(Course("talkback", FAST_S, seconds, browsers=20, view="desk"), home)
    some = measure(Course("talkback", FAST_S, seconds, browsers=20, stalled=STALLED, view="desk"), home)
    note(f"none stalled: {all_read}; five stalled: {some}")
    ratio = some.p99_ms / all_read.p99_ms
    grown = some.rss_grown_mb
    is_met = ratio <= 1.5 and grown <= 5 and some.overflows >= STALLED
    return Line(
        "P3",
        f"{STALLED} of 20 desks stalled: p99 of the others, memory",
        f"{some.p99_ms:.1f} ms, {grown:+.1f} MB",
        f"none stalled: {all_read.p99_ms:.1f} ms, {all_read.rss_grown_mb:+.1f} MB",
        times(ratio),
        "≤ × 1.5, ≤ +5 MB",
        "met" if is_met else "MISSED",
        before,
        load(),
        {"stalled": asdict(some), "none": asdict(all_read)},
    )


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--only", choices=("P1", "redis", "P2", "P3"))
    asked.add_argument("--seconds", type=float, default=6.0)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="talkback-fan-") as name:
        home = Home(Path(name))
        if options.only in (None, "P1"):
            lines += fan_out(home, options.seconds, options.rounds)
        if options.only in (None, "redis"):
            lines.append(with_redis(home, options.seconds))
        if options.only in (None, "P2"):
            lines.append(calm(home, 2 * options.seconds))
        if options.only in (None, "P3"):
            lines.append(stalled(home, 2 * options.seconds))
    report(lines)
    return int(any(line.verdict == "MISSED" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
