"""All threads of a process run on one processor, the ones to come too, and children beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from dashboard.lib.processors import chosen

FEW = not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2
THREADS = """
import json, os, subprocess, sys, threading
from dashboard.lib import processors
before = os.sched_getaffinity(0)
go, seen = threading.Event(), []
def look():
    go.wait()
    seen.append(sorted(os.sched_getaffinity(0)))
old = threading.Thread(target=look); old.start()
processors.keep_together()
here = sorted(os.sched_getaffinity(0))
new = threading.Thread(target=look); new.start()
go.set(); old.join(); new.join()
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
processors.put_beside(child.pid)
beside = [sorted(os.sched_getaffinity(child.pid))]
others = sorted(before - set(here))
processors._move(others[0])
beside.append(sorted(os.sched_getaffinity(child.pid)))
child.kill(); child.wait()
print(json.dumps([here, seen, beside == [others, sorted(before - {others[0]})]]))
"""


@pytest.mark.skipif(FEW, reason="there is one processor, or no say about them")
def test_threads_share_one_and_children_run_beside() -> None:
    told = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True, timeout=30)
    here, seen, is_beside = json.loads(told.stdout)
    assert len(here) == 1
    assert len(seen) == 2
    assert all(len(one) == 1 for one in seen)
    assert is_beside


@pytest.mark.parametrize(
    ("busy", "ours", "goes_to"),
    [
        ({0: 0.9, 1: 0.1}, 0.85, 0),  # it is we who take it
        ({0: 0.9, 1: 0.1}, 0.4, 1),
        ({0: 0.9, 1: 0.1, 2: 0.05}, 0.4, 2),
        ({0: 0.9, 1: 0.45}, 0.4, 0),  # elsewhere it is hardly better
        ({0: 0.5, 1: 0.0}, 0.4, 0),
        ({}, 0.4, 0),
    ],
)
def test_it_leaves_a_processor_that_others_crowd_for_one_that_has_room(
    busy: dict[int, float], ours: float, goes_to: int
) -> None:
    assert chosen(0, busy, ours) == goes_to
