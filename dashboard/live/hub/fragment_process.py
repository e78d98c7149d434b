"""`python -m dashboard.live.hub.fragment_process`: does what its console asks on stdin, one thing after the other.

Each question and each answer is a number, a length, and so many pickled bytes; both sides are ours. It ends with its
console: stdin is closed then, and where it is at work or hangs just then, it sees within a second who its parent is.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

import django

from dashboard.lib.garbage import look_seldom, settle_soon

#: The question's number, and how many bytes follow.
HEAD = struct.Struct("!QQ")

Answer = tuple[bool, Any]
"""Whether it was done, and its result or the error."""


def packed(number: int, value: object) -> bytes:
    """One question or answer, as it goes through a pipe."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(number, len(body)) + body


def serve(asked: BinaryIO, told: BinaryIO) -> None:
    """Until nobody asks any more."""
    while len(head := asked.read(HEAD.size)) == HEAD.size:
        number, size = HEAD.unpack(head)
        told.write(_answer(number, asked.read(size)))
        told.flush()


def _answer(number: int, question: bytes) -> bytes:
    try:
        work: Callable[[], object] = pickle.loads(question)  # noqa: S301  from our own console
        answer: Answer = (True, work())
    except Exception as error:  # noqa: BLE001  whoever asked is told
        error.add_note(traceback.format_exc())  # where it happened is not pickled
        answer = (False, error)
    try:
        return packed(number, answer)
    except Exception as error:  # noqa: BLE001  pickle raises what the object's own methods raise
        return packed(number, (False, TypeError(f"the answer can't be handed over: {error!r}")))


def _end_with(console: int) -> None:
    """A console that was killed tells nobody; its child gets a new parent then."""
    while os.getppid() == console:
        time.sleep(1)
    os._exit(0)


def main() -> None:
    threading.Thread(target=_end_with, args=(os.getppid(),), name="end-with-console", daemon=True).start()
    look_seldom()
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not stand between two answers
    django.setup()
    settle_soon()
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, told)
    os._exit(0)  # nothing is held that has to be closed, and nobody waits for it


if __name__ == "__main__":
    main()
