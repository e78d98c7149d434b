"""What a process counts while it works: calls, waits, batches, slow browsers, flushes."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.lib import metrics
from dashboard.lib.clock import ManualClock
from dashboard.live.hub.backlog import MOST_FRAMES
from dashboard.live.hub.client import Client, Told
from dashboard.live.hub.frames import Due, Flushed, Variant
from dashboard.live.hub.topic import Topic
from dashboard.live.intake import writer as writing
from dashboard.live.intake.writer import Full, GroupWriter
from dashboard.vendors import limits
from dashboard.vendors.http import counted
from dashboard.vendors.port import Accepted, NotSent, Outcome, Purpose, Rejected, Unknown, Vendor
from dashboard.vendors.words import error
from tests import cast as make
from tests.cast import make_cast

VARIANT = Variant("desk", "en")


def sample(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Accepted(1), "accepted"),
        (Rejected(error(Vendor.SOFTSUGAR, "no_answer")), "rejected"),
        (NotSent("rate_limit", 1.0), "rate_limited"),
        (NotSent("no_connection"), "not_sent"),
        (Unknown("timeout"), "unknown"),
    ],
)
async def test_each_call_is_counted_by_its_outcome(outcome: Outcome[int], result: str) -> None:
    async def call() -> Outcome[int]:
        return outcome

    labels = {"vendor": "softsugar", "operation": "running_list", "result": result}
    before = sample("talkback_vendor_calls_total", **labels)
    assert await counted("softsugar", "running_list", call()) is outcome
    assert sample("talkback_vendor_calls_total", **labels) == before + 1


def test_a_browser_that_is_too_slow_is_counted() -> None:
    before = {name: sample(f"talkback_hub_{name}_total") for name in ("overflows", "dropped_frames")}
    client = Client(1, "s", 1, frozenset(), lambda _code: None, VARIANT)
    for _ in range(MOST_FRAMES + 3):
        client.push(Told('{"t": "tick", "now": 1, "fresh": {}}'))
    after = {name: sample(f"talkback_hub_{name}_total") - was for name, was in before.items()}
    assert after == {"overflows": 1, "dropped_frames": MOST_FRAMES + 3}


def test_a_flush_is_as_late_as_the_first_that_it_shows(manual_clock: ManualClock) -> None:
    stage = {"stage": "notice_to_flushed"}
    before = sample("talkback_stage_seconds_sum", **stage), sample("talkback_stage_seconds_count", **stage)
    topic = Topic("room:1", cursor=1)
    topic.tell(2, is_urgent=True)
    manual_clock.advance(0.5)
    topic.tell(3, is_urgent=True)
    assert topic.begin(manual_clock.monotonic()) == Due(counters=True, owed=False)
    topic.tell(4, is_urgent=True)  # while it renders: for the next one
    manual_clock.advance(0.25)
    topic.is_pushed()
    topic.end(Flushed(3, {}), manual_clock.monotonic())
    topic.begin(manual_clock.monotonic())
    manual_clock.advance(1.0)
    topic.is_pushed()
    after = sample("talkback_stage_seconds_sum", **stage), sample("talkback_stage_seconds_count", **stage)
    assert (after[0] - before[0], after[1] - before[1]) == (0.75 + 1.25, 2)
    topic.begin(manual_clock.monotonic())
    topic.is_pushed()  # nothing was told: nothing is measured
    assert sample("talkback_stage_seconds_count", **stage) == after[1]


@pytest.mark.django_db(transaction=True)
async def test_waits_for_a_place_are_timed_and_those_in_vain_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(ManualClock):
        async def sleep(self, seconds: float) -> None:
            self.advance(seconds)

    def set_up() -> Any:
        return make.account(make_cast().alpha, make.METASTUDIO)

    account = await limits.in_thread(set_up)
    limiter = limits.SharedLimiter(account, Impatient())
    monkeypatch.setattr(limits, "documented_limit", lambda *_: 5)
    answers = iter([0.0, 1.5, 0.0, 60.0])
    monkeypatch.setattr(limits, "try_leave", lambda **_: next(answers))
    name, labels = "talkback_rate_limit_wait_seconds", {"vendor": "metastudio"}
    before = sample(f"{name}_count", **labels), sample(f"{name}_sum", **labels)
    in_vain = sample("talkback_rate_limit_put_off_total", **labels)
    assert [await limiter.admit("x", Purpose.TAKEOVER) for _ in range(3)] == [None, None, 60.0]
    after = sample(f"{name}_count", **labels), sample(f"{name}_sum", **labels)
    assert (after[0] - before[0], round(after[1] - before[1], 3)) == (3, 1.5)
    assert sample("talkback_rate_limit_put_off_total", **labels) == in_vain + 1


def test_facts_that_find_no_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LONGEST_QUEUE", 2)
    before = sample("talkback_intake_full_total")
    with pytest.raises(Full):
        GroupWriter().submit([None] * 3)  # type: ignore[list-item]
    assert sample("talkback_intake_full_total") == before + 3
