"""Properties of SoftSugar's queue, whatever its callers ask and in whichever order."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.softsugar_script import LiveScript
from dashboard.sandbox.softsugar_session import Session
from dashboard.sandbox.softsugar_world import SoftSugarWorld, place_of
from dashboard.sandbox.world import SandboxConfig, World

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


class Rehearsal:
    """A live session without sockets, and the notices it would send."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.world = World(SandboxConfig(seed=1, softsugar_heartbeat_s=1e9), self.clock)
        self.model = SoftSugarWorld(self.world)
        self.notices: dict[str, list[int]] = defaultdict(list)
        self.model.on_frame = self.note
        self.session = self.model.create(LiveScript(role="r", roles=["r"]), user_data=None, urtc=None)
        self.wait(4)
        self.model.start(self.session)

    def note(self, session: Session, frame: dict[str, Any]) -> None:
        if "data" in frame:
            self.notices[frame["data"]["commandTraceId"]].append(frame["code"])

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.model.advance(self.world.clock.now())

    def ask(self, what: str, ref: str, number: int, seconds: float) -> None:
        model, session = self.model, self.session
        if what == "say":
            model.say(session, ref, TEXT, priority=number - 2, control="", silent=False)
        elif what == "cancel":
            model.cancel(session, f"t{number}")
        elif what == "reorder":
            model.reorder(session, f"t{number}", number - 1)
        elif what == "all":
            model.cancel_all(session)
        elif what == "microphone" and model.open_microphone(session, ref, control="", silent=False):
            model.hear(session, 0.1)
            model.close_microphone(session)
        self.wait(seconds)


ASKED = st.lists(
    st.tuples(
        st.sampled_from(["say", "say", "say", "cancel", "reorder", "all", "microphone", "wait"]),
        st.integers(0, 9),
        st.floats(0, 4),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(ASKED)
def test_each_takeover_is_told_in_order_and_ends_once_and_is_heard_once(asked: list[tuple[str, int, float]]) -> None:
    rehearsal = Rehearsal()
    for number, (what, which, seconds) in enumerate(asked):
        rehearsal.ask(what, f"t{number}", which, seconds)
    rehearsal.wait(1000)
    for codes in rehearsal.notices.values():
        assert codes in ([20, 19, 18], [20, 18])
    heard = rehearsal.world.record.entries(rehearsal.session.id)
    refs = [row["ref"] for row in heard]
    assert len(refs) == len(set(refs))
    assert set(refs) == {ref for ref, codes in rehearsal.notices.items() if 19 in codes}
    for before, after in itertools.pairwise(heard):
        assert before["ended_at"] <= after["started_at"] + 1e-6
    assert rehearsal.session.player.order() == []


def test_the_place_of_a_priority() -> None:
    cases: list[tuple[object, int]] = [(1, 0), (2, 1), (5, 4), (6, 5), (99, 5), (0, 5), (-1, 5), (-7, 5)]
    cases += [(True, 5), ("1", 5), (1.0, 5), (None, 5)]
    assert [place_of(priority, 5) for priority, _ in cases] == [place for _, place in cases]
