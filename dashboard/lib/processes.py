"""Whether another process of this machine still lives."""

from __future__ import annotations

import os


def is_gone(process: int) -> bool:
    """On the same host a dead process is known at once, without waiting for its beat to be missed.

    `process` is its number there; our own is never gone.
    """
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
