from __future__ import annotations

import pytest

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.clock import WorldClock
from dashboard.sandbox.world import Agenda, Ids, SandboxConfig, World


def test_the_world_runs_at_its_speed_and_protocols_in_real_time() -> None:
    manual = ManualClock()
    clock = WorldClock(manual)
    clock.set_speed(4)
    manual.advance(10)
    assert clock.now() == pytest.approx(40)
    assert clock.real() == pytest.approx(10)
    clock.step(100)
    assert clock.now() == pytest.approx(140)
    assert clock.real() == pytest.approx(10)


@pytest.mark.parametrize("speed", [0, 0.09, 65, -1])
def test_a_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        WorldClock(ManualClock()).set_speed(speed)


def test_world_times_have_a_wall_time() -> None:
    manual = ManualClock()
    clock = WorldClock(manual)
    clock.set_speed(2)
    start = manual.now()
    manual.advance(10)
    assert (clock.real_at(10.0) - start).total_seconds() == pytest.approx(5)
    clock.skew_s = 60
    assert (clock.wall_at(10.0) - start).total_seconds() == pytest.approx(65)
    clock.step(1000)
    assert clock.real_at(500.0) == manual.now()


def test_both_times_stand_while_the_sandbox_is_off() -> None:
    manual = ManualClock()
    clock = WorldClock(manual)
    clock.set_speed(2)
    manual.advance(10)
    saved = clock.snapshot()
    manual.advance(5000)
    later = WorldClock(manual)
    later.restore(saved)
    assert (later.now(), later.real(), later.speed) == (pytest.approx(20), pytest.approx(10), 2)


def test_a_held_world_stands_still() -> None:
    manual = ManualClock()
    clock = WorldClock(manual)
    clock.hold(True)
    manual.advance(10)
    assert clock.now() == 0
    clock.hold(False)
    manual.advance(1)
    assert clock.now() == pytest.approx(1)


def test_the_agenda_gives_each_key_once_by_order_of_time() -> None:
    agenda = Agenda()
    agenda.put("a", 5)
    agenda.put("b", 3)
    agenda.put("c", 4)
    agenda.put("a", 1)
    agenda.put("c", None)
    assert agenda.next_due() == 1
    assert list(agenda.pop_due(10)) == [(1, "a"), (3, "b")]
    assert agenda.next_due() is None


def test_the_agenda_lets_a_key_come_back_while_it_runs() -> None:
    agenda = Agenda()
    agenda.put("a", 1)
    seen = []
    for due, key in agenda.pop_due(4):
        seen.append((due, key))
        agenda.put(key, due + 1)
    assert seen == [(1, "a"), (2, "a"), (3, "a"), (4, "a")]


def test_same_seed_and_order_same_ids() -> None:
    one, two = Ids(3), Ids(3)
    first = [one.hex("session"), one.uuid("job"), one.hex("session")]
    two.hex("request")
    assert [two.hex("session"), two.uuid("job"), two.hex("session")] == first
    assert Ids(4).hex("session") != first[0]


def test_two_new_worlds_do_not_share_ids() -> None:
    one, two = World(SandboxConfig(), ManualClock()), World(SandboxConfig(), ManualClock())
    assert one.ids.hex("session") != two.ids.hex("session")
    assert one.credentials.sk != two.credentials.sk
