"""The command: many courses over some processes, a report, and of what fails the shortest course that still does."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from tests.props import house

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

    from tests.props.course import Course, Outcome
    from tests.props.heard import Judged

MOST_FAILURES = 5


def main() -> None:
    options = _options()
    with house.folder_of_this_run() as folder:
        house.set_up(folder)
        if options.plant:
            from tests.props import plants

            plants.plant(options.plant)
        if options.heard_in:
            sys.exit(_heard_in(folder, options))
        if options.files is not None:
            sys.exit(_kept(folder, options.files))
        sys.exit(_one(folder, options) if options.seed is not None or options.file else _many(folder, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.props")
    parser.add_argument("seed", nargs="?", type=int)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--file", type=Path, help="a kept course")
    parser.add_argument("--files", type=Path, nargs="*", help="several; only failures are told")
    parser.add_argument("--tell", action="store_true", help="tell a kept course whole, though it does not fail")
    parser.add_argument("--plant", default="", help="put a bug of plants.py into the product")
    parser.add_argument("--until", default="", help="end when the judge says a sentence that begins so")
    parser.add_argument("--heard-in", type=int, default=0, metavar="N", help="how right promises are, over N seeds")
    parser.add_argument("--no-shrink", action="store_true")
    return parser.parse_args()


def _one(folder: Path, options: argparse.Namespace) -> int:
    from tests.props.cast import make_templates
    from tests.props.course import Course

    course = Course.load(options.file.read_text()) if options.file else Course.draw(options.seed)
    make_templates(folder, (course.cast,))
    outcome = _play(folder, course)
    print(outcome.told() if outcome.sentences or options.tell or not options.file else "ok")
    if outcome.sentences and not options.no_shrink and options.seed is not None:
        _tell_shrunk(folder, outcome)
    return 1 if outcome.sentences else 0


def _kept(folder: Path, files: list[Path]) -> int:
    from tests.props.cast import make_templates
    from tests.props.course import Course

    courses = {path: Course.load(path.read_text()) for path in files}
    make_templates(folder, tuple({course.cast for course in courses.values()}))
    outcomes = {path: _play(folder, course) for path, course in courses.items()}
    for path, outcome in outcomes.items():
        if outcome.sentences:
            print(f"---- {path.name}\n{outcome.told()}")
    return 1 if any(outcome.sentences for outcome in outcomes.values()) else 0


def _play(folder: Path, course: Course) -> Outcome:
    from tests.props.course import Outcome, play

    try:
        return play(folder, course)
    except Exception:  # noqa: BLE001  a run that breaks is a failure with its course
        return Outcome(course, ["the run broke: " + traceback.format_exc()[-2500:]])


def _tell_shrunk(folder: Path, outcome: Outcome) -> None:
    from tests.props.shrink import shrink

    least = shrink(outcome, lambda course: _play(folder, course))
    print(f"\n---- the shortest course that still fails ({len(least.course.steps)} steps)\n{least.told()}")
    print(f"\n{least.course.dump()}")


def _heard_in(folder: Path, options: argparse.Namespace) -> int:
    seeds = range(options.first, options.first + options.heard_in)
    began, broken = time.monotonic(), 0
    with _workers(folder, options.workers) as pool:
        for one in pool.imap(_hear, ((folder, seed) for seed in seeds)):
            broken += not one.is_kept
            print(one.told(), flush=True)
    print(f"{len(seeds)} seeds, {broken} broke their promise", file=sys.stderr)
    print(f"in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 1 if broken else 0


def _many(folder: Path, options: argparse.Namespace) -> int:
    from tests.props.cast import make_templates

    make_templates(folder)
    seeds = range(options.first, options.first + options.n)
    began, done, simulated, failures = time.monotonic(), 0, 0.0, []
    with _workers(folder, options.workers) as pool:
        for outcome in pool.imap_unordered(_work, ((folder, seed) for seed in seeds), chunksize=4):
            done += 1
            simulated += outcome.simulated_s
            if outcome.sentences:
                failures.append(outcome)
                print(f"seed {outcome.course.seed} ({outcome.course.cast}): {outcome.sentences[0][:300]}", flush=True)
                if options.until and any(one.startswith(options.until) for one in outcome.sentences):
                    caught = next(one for one in outcome.sentences if one.startswith(options.until))
                    print(f"caught by seed {outcome.course.seed} after {done} courses: {caught}", flush=True)
                    return 3
            if done % 1000 == 0:
                print(f"{done} courses, {done / (time.monotonic() - began):.1f} per second", flush=True)
        pool.terminate()
    took = time.monotonic() - began
    rate = f"{done / took:.1f} courses per second, {simulated / 3600:.1f} simulated hours in {took:.0f} s"
    print(f"{done} courses, {len(failures)} failed; {rate}", flush=True)
    if failures and not options.no_shrink:
        _tell_shrunk(folder, min(failures, key=lambda one: len(one.course.steps)))
    return 1 if failures else 0


def _workers(folder: Path, count: int) -> Pool:
    from django.db import connections

    connections.close_all()
    return multiprocessing.get_context("fork").Pool(count, _begin_worker, (folder,))


def _begin_worker(folder: Path) -> None:
    from django.db import connections

    os.environ["TALKBACK_SQLITE"] = str(folder / f"worker-{os.getpid()}.sqlite3")
    connections["default"].settings_dict["NAME"] = os.environ["TALKBACK_SQLITE"]
    gc.freeze()


def _work(task: tuple[Path, int]) -> Outcome:
    from tests.props.course import Course

    folder, seed = task
    gc.disable()
    outcome = _play(folder, Course.draw(seed))
    if seed % 10 == 0:
        gc.enable()
        gc.collect()
    if not outcome.sentences:
        outcome.notes = []
    return outcome


def _hear(task: tuple[Path, int]) -> Judged:
    from tests.props.heard import play as hear

    folder, seed = task
    gc.disable()
    try:
        return hear(folder, seed)
    finally:
        gc.enable()
        gc.collect()
