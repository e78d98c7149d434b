"""`manage.py web`, `relay` or `worker` with a fuse at each of its points: who comes by a lit one ends or stops there.

`python -m tests.faults.process <kind> …`. The fuse is the file that FAULTS_FUSE names, `{"point": …, "signal": …}`.
It is taken away by whom it hits, in the very moment before the signal; `<file>.hit` says that it did.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

_lock = threading.Lock()
_counts: dict[str, int] = {}


class Fuse:
    """Seen by the process that it is for; written and read by whoever wants it hit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hit_path = path.with_suffix(".hit")

    def light(self, point: str, signal: int) -> None:
        self.put_out()
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"point": point, "signal": signal}))
        draft.rename(self.path)

    def put_out(self) -> bool:
        """Whether it was hit, to the very last moment."""
        self.path.unlink(missing_ok=True)
        was_hit = self.was_hit
        self.hit_path.unlink(missing_ok=True)
        return was_hit

    @property
    def was_hit(self) -> bool:
        return self.hit_path.exists()

    def passes(self, name: str, nth: int) -> None:
        try:
            lit = json.loads(self.path.read_text())
        except FileNotFoundError:
            return
        if lit["point"] != name:
            return
        with _lock:
            _counts[name] = _counts.get(name, 0) + 1
            if _counts[name] < nth:
                return
            try:
                self.path.rename(self.hit_path)
            except FileNotFoundError:
                return
            _counts[name] = 0
        os.kill(os.getpid(), lit["signal"])
        time.sleep(0.01)  # the signal finds this thread before it goes on


def install(kind: str, fuse: Fuse) -> None:
    from tests.faults.points import POINTS

    for point in POINTS:
        if point.process == kind:
            _wrap(point, fuse)


def _wrap(point: Any, fuse: Fuse) -> None:
    module, _, path = point.where.partition(":")
    owner: Any = importlib.import_module(module)
    *parts, name = path.split(".")
    for part in parts:
        owner = getattr(owner, part)
    function = getattr(owner, name)
    wrapped = _around_async(point, function, fuse) if inspect.iscoroutinefunction(function) else None
    setattr(owner, name, wrapped or _around(point, function, fuse))


def _around(point: Any, function: Callable[..., Any], fuse: Fuse) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        if not point.is_after and _is_meant(point, arguments, None):
            fuse.passes(point.name, point.nth)
        result = function(*arguments, **options)
        if point.is_after and _is_meant(point, arguments, result):
            fuse.passes(point.name, point.nth)
        return result

    return wrapper


def _around_async(point: Any, function: Callable[..., Any], fuse: Fuse) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*arguments: Any, **options: Any) -> Any:
        if not point.is_after and _is_meant(point, arguments, None):
            fuse.passes(point.name, point.nth)
        result = await function(*arguments, **options)
        if point.is_after and _is_meant(point, arguments, result):
            fuse.passes(point.name, point.nth)
        return result

    return wrapper


def _is_meant(point: Any, arguments: tuple[Any, ...], result: Any) -> bool:
    return point.of is None or bool(point.of(arguments, result))


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    django.setup()
    install(sys.argv[1], Fuse(Path(os.environ["FAULTS_FUSE"])))
    if planted := os.environ.get("FAULTS_PLANT"):
        from tests.props.plants import plant

        plant(planted)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])
