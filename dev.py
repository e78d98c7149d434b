#!/usr/bin/env python3
"""The one entry of a fresh machine: builds the environment from the locks, then runs what was asked for.

Needs nothing but Python 3.11 (with venv). The Makefile calls it; where there is no make, so can you:

    python3 dev.py run [--port 8000] [--sandbox-port 8900]
    python3 dev.py test [pytest arguments]
    python3 dev.py sandbox [--port 8900]
    python3 dev.py manage <command> ...
    python3 dev.py tool <module> ...        a tool of the test environment, e.g. ruff or mypy
"""

from __future__ import annotations

# What only a first start or a test needs is imported there: of a second start it would be a twentieth.
import fcntl
import hashlib
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
#: The first opens a page at less than half the cost of the others: the same Chromium without a window's interface.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def main(arguments: list[str]) -> None:
    if sys.version_info < (3, 11):
        sys.exit("Talkback needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    verb, rest = (arguments[0] if arguments else "help"), arguments[1:]
    if verb == "run":
        prepare("requirements.txt")
        hand_over(["manage.py", "talkback", "--demo", *rest])
    elif verb == "sandbox":
        prepare("requirements.txt")
        hand_over(["manage.py", "sandbox", *rest])
    elif verb == "manage":
        prepare("requirements.txt")
        hand_over(["manage.py", *rest])
    elif verb == "test":
        prepare("requirements-dev.txt")
        find_browser()
        sys.exit(run_tests(rest))
    elif verb == "tool" and rest:
        prepare("requirements-dev.txt")
        hand_over(["-m", *rest])
    elif verb == "python" and rest:
        prepare("requirements-dev.txt")
        hand_over(rest)
    else:
        sys.exit(__doc__)


def prepare(lock: str) -> None:
    """Install `lock` into .venv unless this very lock is there already; two starts at once take turns."""
    digest = hashlib.sha256((ROOT / lock).read_bytes() + sys.version.encode()).hexdigest()
    stamp = ENVIRONMENT / f"{lock}.stamp"
    if is_current(stamp, digest):
        return
    ENVIRONMENT.mkdir(exist_ok=True)
    with open(ENVIRONMENT / "lock", "w", encoding="utf-8") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if is_current(stamp, digest):
            return
        import subprocess

        print(f"Installing {lock} into .venv (once, about 20 seconds) …", flush=True)
        build_environment()
        install = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile"]
        subprocess.run([*install, "--require-hashes", "-r", str(ROOT / lock)], check=True)
        stamp.write_text(digest, encoding="utf-8")


def is_current(stamp: pathlib.Path, digest: str) -> bool:
    return PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest


def build_environment() -> None:
    import shutil
    import subprocess
    import venv

    if (ENVIRONMENT / "bin" / "pip").exists():
        return
    shutil.rmtree(ENVIRONMENT / "bin", ignore_errors=True)  # a first run that was cut off, or a Python without pip
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, ModuleNotFoundError):
        sys.exit("This Python has no venv with pip. On Debian and Ubuntu: apt-get install python3-venv")


def find_browser() -> None:
    """The browser tests are never skipped: Chromium from PATH, else Debian's package, else Playwright's own."""
    import shutil
    import subprocess

    asked = ENVIRONMENT / "browser.stamp"
    can_install = os.geteuid() == 0 and shutil.which("apt-get")
    if can_install and not shutil.which(BROWSERS[0]) and not asked.exists():
        print("Installing Chromium for the browser tests (once) …", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        for name in BROWSERS[:2]:
            install = ["apt-get", "install", "-y", "-qq", name, "fonts-noto-cjk"]
            if subprocess.run(install, check=False, **quiet).returncode == 0 or any(map(shutil.which, BROWSERS)):
                break
        asked.touch()  # where there is another Chromium and no way to this one, that one will do
    if not any(map(shutil.which, BROWSERS)):
        subprocess.run([str(PYTHON), "-m", "playwright", "install", "chromium"], check=True)


def run_tests(arguments: list[str]) -> int:
    """Two processes: Playwright's event loop must not share one with the asyncio tests."""
    if arguments:
        return pytest(arguments)
    cores = usable_cores()
    # Many tests wait for sockets and processes, so one more than there are cores keeps all of them at work.
    # A file stays whole: what its tests share, a fleet or a server, is started once and not by each process.
    whole_files = ["--dist", "loadfile", "--no-loadscope-reorder"]
    quick = run_twice(["tests", "--ignore=tests/browser"], ["-n", str(min(cores + 1, 5)), *whole_files])
    browser = run_twice(["tests/browser"], ["-n", "3" if cores > 3 else "2", *whole_files])
    return quick or browser


def usable_cores() -> int:
    """Those that this process may run on: in a container or under taskset fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_twice(tests: list[str], side_by_side: list[str]) -> int:
    """What fails beside others is run once more by itself: real processes miss their times where a machine is full."""
    first = pytest([*tests, *side_by_side])
    if first != 1:
        return first
    print("Once more, by itself, what failed:", flush=True)
    return pytest([*tests, "--last-failed"])


def pytest(arguments: list[str]) -> int:
    """Compiled code is kept, whatever the environment wants: the tests start more than a hundred processes."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([str(PYTHON), "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False).returncode


def hand_over(arguments: list[str]) -> None:
    """Become the program, so that Ctrl-C reaches it and nothing stands between it and its exit code."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
