"""Looking for garbage stops every thread of a process: it is done seldom, and not among what was loaded once.

See docs/decisions/0042-garbage-is-looked-for-seldom.md and 0050-a-request-is-no-garbage.md.
"""

from __future__ import annotations

import gc
import threading

#: New objects until the young ones are looked through; Python's 700 are less than a page's.
YOUNG = 20_000
#: The same from a program's first line: more than there are by then. Who does not serve ends soon, and keeps it.
LOADED = 300_000
#: By then templates, forms and statements of the pages that people come to first are there.
SETTLED_AFTER_S = 30.0


def look_seldom() -> None:
    """The first act of a program: a tenth of a console's start was looking through what stays."""
    gc.set_threshold(LOADED, 10, 10)


def settle_soon() -> None:
    """For processes that serve: what is loaded is set aside for good now, and what was made since in half a minute."""
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
    later = threading.Timer(SETTLED_AFTER_S, settle)
    later.daemon = True
    later.start()


def settle() -> None:
    """Set aside for good what was made since. What was loaded is not looked through for garbage: that took 0.3 s."""
    gc.collect()  # what is garbage now would stay for ever
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
