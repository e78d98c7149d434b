"""Looking for garbage stops every thread of a process: it is done seldom, and not among what was loaded once."""

from __future__ import annotations

import gc
import threading

#: New objects until the young ones are looked through; Python's 700 are less than a page's.
YOUNG = 20_000
#: By then templates, forms and statements of the pages that people come to first are there.
SETTLED_AFTER_S = 30.0


def look_seldom() -> None:
    """For processes that serve. What is there now is never looked through again, nor what is in half a minute.

    A console's own 200,000 objects were looked through every few seconds, 50 to 160 ms each time, in which no fact was
    recorded and no page answered. See docs/decisions/0042-garbage-is-looked-for-seldom.md.
    """
    gc.set_threshold(YOUNG, 10, 10)
    gc.freeze()
    later = threading.Timer(SETTLED_AFTER_S, settle)
    later.daemon = True
    later.start()


def settle() -> None:
    gc.collect()  # what is garbage now would stay for ever
    gc.freeze()
