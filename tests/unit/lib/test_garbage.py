"""What a process loaded once is not looked through again; garbage made since is still found."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from dashboard.lib import garbage


@pytest.fixture
def own_threshold() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


class Knot:
    def __init__(self) -> None:
        self.own = self


def test_the_young_are_looked_through_seldom_and_all_is_settled_later(
    own_threshold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[float, bool]] = []
    monkeypatch.setattr(threading.Timer, "start", lambda timer: begun.append((timer.interval, timer.daemon)))
    garbage.look_seldom()
    assert gc.get_threshold()[0] == garbage.LOADED
    loaded = Knot()
    garbage.settle_soon()
    assert gc.get_threshold()[0] == garbage.YOUNG
    assert not any(one is loaded for one in gc.get_objects())
    assert begun == [(garbage.SETTLED_AFTER_S, True)]


def test_what_is_loaded_is_set_aside_and_garbage_is_not(own_threshold: None) -> None:
    loaded = weakref.ref(Knot())
    gc.freeze()  # as before, when it was loaded
    gone, kept = weakref.ref(Knot()), Knot()
    garbage.settle()
    assert gone() is None
    assert loaded() is not None  # to look for it would stop the process for as long as there is much loaded
    assert not any(one is kept for one in gc.get_objects())
    later = weakref.ref(Knot())
    gc.collect()
    assert later() is None
