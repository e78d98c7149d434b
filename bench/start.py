"""Goal P9: the second `make run`, from the command to its first page, beside a bare daphne and Django that migrates.

Talkback starts with everything: migrations, console, relay, worker, sandbox and the demo team of the first start. Both
start from a copy of the tree whose first `make run` has installed what it needs, and nothing of what tests need.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from stack import clean_environment, free_port
from table import ROOT, Line, load, median, note, report, times

ROUNDS = 3
GOAL_S, GOAL_SHARE = 3.0, 0.8
PATIENCE_S = 120.0


def first_page(command: list[str], folder: Path, environment: dict[str, str], url: str) -> float:
    """Seconds from the start of `command` to its first page; it is ended afterwards, as by Ctrl-C."""
    with open(folder / "log", "ab") as log, httpx.Client(timeout=5, trust_env=False) as client:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            while True:
                try:
                    client.get(url).raise_for_status()
                    return time.perf_counter() - began
                except httpx.HTTPError:
                    if process.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                        raise RuntimeError(f"{command} did not start: {(folder / 'log').read_text()[-2000:]}") from None
                time.sleep(0.01)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def copied(folder: Path) -> Path:
    """The files of a new clone, as they are here."""
    tree = folder / "talkback"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode()
    for name in filter(None, listed.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    return tree


def ours(tree: Path, environment: dict[str, str]) -> float:
    port, sandbox = free_port(), free_port()
    command = ["make", "run", f"PORT={port}", f"SANDBOX_PORT={sandbox}"]
    # Python itself, as for the bare project: a version manager's `python3` may be a script that looks for it.
    path = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{environment['PATH']}"
    return first_page(command, tree, environment | {"PATH": path}, f"http://127.0.0.1:{port}/sign-in")


def bare(tree: Path, environment: dict[str, str]) -> float:
    """A new Django project with daphne: its migrations, then its welcome page."""
    port, project, python = free_port(), tree.parent / "bare", tree / ".venv" / "bin" / "python"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    subprocess.run([python, "-m", "django", "startproject", "bare", str(project)], check=True, env=environment)
    start = f"{python} manage.py migrate -v 0 && exec {python} -m daphne -p {port} bare.asgi:application"
    clean = {name: value for name, value in environment.items() if name != "DJANGO_SETTINGS_MODULE"}
    return first_page(["sh", "-c", start], project, clean, f"http://127.0.0.1:{port}/")


def main() -> int:
    before = load()
    with tempfile.TemporaryDirectory(prefix="talkback-start-") as name:
        tree = copied(Path(name))
        environment = clean_environment(tree / "var")
        first = ours(tree, environment)
        pairs = [(ours(tree, environment), bare(tree, environment)) for _ in range(ROUNDS)]
    note(f"first start {first:.2f} s, then {pairs}")
    took, other = median([one for one, _ in pairs]), median([one for _, one in pairs])
    share = median([one / plain for one, plain in pairs])
    report(
        [
            Line(
                "P9",
                "second `make run` to its first page",
                f"{took:.2f} s",
                f"bare daphne + Django: {other:.2f} s",
                times(share),
                f"≤ {GOAL_S:.0f} s, ≤ × {GOAL_SHARE}",
                "met" if took <= GOAL_S and share <= GOAL_SHARE else "MISSED",
                before,
                load(),
                {"first_s": first, "pairs": pairs},
            )
        ]
    )
    return int(took > GOAL_S or share > GOAL_SHARE)


if __name__ == "__main__":
    sys.exit(main())
