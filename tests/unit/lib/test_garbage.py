"""What a process loaded once is not looked through again; garbage made since is still found."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from dashboard.lib import garbage


@pytest.fixture
def as_before() -> Iterator[None]:
    threshold, was_frozen = gc.get_threshold(), gc.get_freeze_count()
    yield
    gc.set_threshold(*threshold)
    assert gc.get_freeze_count() >= was_frozen  # this run's own conftest froze what it loaded


class Knot:
    def __init__(self) -> None:
        self.own = self


def test_what_is_loaded_is_set_aside_and_what_comes_later_is_not(
    as_before: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[float, bool]] = []
    monkeypatch.setattr(threading.Timer, "start", lambda timer: begun.append((timer.interval, timer.daemon)))
    kept = Knot()
    garbage.look_seldom()
    assert gc.get_threshold()[0] == garbage.YOUNG
    assert begun == [(garbage.SETTLED_AFTER_S, True)]
    assert not any(one is kept for one in gc.get_objects())
    gone = weakref.ref(Knot())
    gc.collect()
    assert gone() is None


def test_what_is_garbage_when_it_settles_is_not_kept(as_before: None) -> None:
    gone, kept = weakref.ref(Knot()), Knot()
    garbage.settle()
    assert gone() is None
    assert not any(one is kept for one in gc.get_objects())
