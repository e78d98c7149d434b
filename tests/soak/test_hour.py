"""24 rooms of both vendors for an hour of the world: item for item, second for second, and no more memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.sandbox.playback import Item, Player
from tests.soak.hour import Hour, hour

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def verdict() -> dict[str, Any]:
    """In a process of its own, since its memory is measured."""
    command = [sys.executable, "-m", "tests.soak.hour", "--minutes", "60", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    value: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return value


def test_what_was_heard_is_what_the_documents_say(verdict: dict[str, Any]) -> None:
    assert verdict["wrong"] == []
    assert verdict["stretches"] > 7_000
    assert verdict["worst_s"] < 0.001


def test_nothing_drifts(verdict: dict[str, Any]) -> None:
    """At four speeds of the world (300 s at 1, 1,500 at 4, 900 at 8, 900 at 2) an hour took exactly this long."""
    assert verdict["drift_s"] < 0.001
    assert verdict["real_s"] == pytest.approx(300 + 1500 / 4 + 900 / 8 + 900 / 2)


def test_memory_grows_by_less_than_a_twentieth_from_minute_five_on(verdict: dict[str, Any]) -> None:
    assert len(verdict["memory_mb"]) == 12
    assert verdict["growth"] < 0.05


def test_the_hour_has_everything_in_it() -> None:
    plan = Hour(1, 3600)
    sugar = Counter(order.do for one in plan.sugar for order in one.orders)
    meta = Counter((order.do, order.play_type or order.at_sentence_end) for one in plan.meta for order in one.orders)
    assert {"say", "cancel", "cancel_all", "reorder", "open", "sound", "close"} == set(sugar)
    kinds = {(do, play_type) for do in ("say", "audio") for play_type in ("APPEND", "INSERT", "PLAY_NOW", False)}
    kinds |= {("pause", True), ("pause", False)}
    kinds |= {(do, False) for do in ("resume", "open", "close", "rewrite", "stop")}
    assert kinds == set(meta)
    assert min(*sugar.values(), *(count for (do, _), count in meta.items() if do != "stop")) > 30
    assert {one.repeat < 0 for one in plan.meta} == {True, False}


def behind_all(player: Player, item: Item, at: float) -> Any:
    item.is_insert = True
    return player.place(item, len(player.queue), at)


def deaf(player: Player, ref: str, at: float) -> Any:
    return player.find(ref) is not None, player.advance(at)


@pytest.mark.parametrize(
    ("name", "bug"),
    [
        ("insert", behind_all),
        ("cancel", deaf),
        ("move", lambda player, ref, index, at: (True, player.advance(at))),
        ("cancel_all", lambda player, at: player.advance(at)),
        ("play_now", lambda player, item, at: player.place(item, 0, at)),
        ("close_open", lambda player, ref, at: player.cancel(ref, at)[1]),
        ("next_sentence_end", lambda player, at: None),
    ],
)
def test_a_planted_bug_is_found(monkeypatch: pytest.MonkeyPatch, name: str, bug: Callable[..., Any]) -> None:
    monkeypatch.setattr(Player, name, bug)
    assert hour(1, 12).wrong


def test_without_a_bug_nothing_is_found_in_another_course_either() -> None:
    found = hour(2, 12)
    assert found.wrong == []
    assert found.stretches > 1_000
