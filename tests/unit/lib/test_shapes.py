"""Types are learnt by one thread at a time: two that met one first ended their process."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from dashboard.lib import shapes

#: Each round six threads meet types that nobody has met. Without the lock one of the first hundred rounds crashes.
MEET = """
import sys, threading, msgspec
from dashboard.lib import shapes
sys.setswitchinterval(1e-6)

def fresh():
    inner = msgspec.defstruct("Inner", [("a", int, 0), ("b", str, ""), ("c", list[int], [])])
    mid = msgspec.defstruct("Mid", [("x", inner | None, None), ("y", dict[str, inner], {}), ("z", int, 0)])
    return msgspec.defstruct("Outer", [("m", mid | None, None), ("n", list[mid], []), ("k", str, "")])

RAW = b'{"m":{"x":{"a":1,"b":"q","c":[1]},"y":{},"z":3},"n":[{"z":4}],"k":"x"}'
for _ in range(300):
    shape, together = fresh(), threading.Barrier(6)
    def meet(read, raw):
        together.wait()
        assert read(raw, shape).n[0].z == 4
    reads = [(shapes.decode, RAW), (shapes.convert, msgspec.json.decode(RAW))] * 3
    threads = [threading.Thread(target=meet, args=one) for one in reads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


class Said(msgspec.Struct, frozen=True):
    words: str
    times: int = 1


def test_threads_that_meet_a_type_first_do_not_crash() -> None:
    done = subprocess.run([sys.executable, "-c", MEET], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_fits_is_read_and_what_does_not_is_refused() -> None:
    assert shapes.decode('{"words":"大家好","times":2}', Said) == Said("大家好", 2)
    assert shapes.decode(b'{"words":"a","times":"2"}', Said, strict=False).times == 2
    assert shapes.convert({"words": "a"}, Said) == Said("a")
    with pytest.raises(msgspec.ValidationError):
        shapes.decode('{"words":"a","times":"2"}', Said)
    with pytest.raises(msgspec.ValidationError):
        shapes.convert({"words": 1}, Said)
