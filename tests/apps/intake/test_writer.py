"""The group writer: many waiting facts become few transactions, and who stops waiting stops nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import OperationalError

from dashboard.events.kinds import Fact, Kind, Nothing
from dashboard.events.models import Event, Source
from dashboard.events.record import Recorded
from dashboard.lib import clock
from dashboard.live.intake import writer as module
from dashboard.live.intake.writer import BIGGEST_BATCH, Full, GroupWriter

pytestmark = pytest.mark.django_db(transaction=True)


def fact(key: str, room: int = 7) -> Fact:
    return Fact(
        kind=Kind.JOB_ACCEPTED,
        payload=Nothing(),
        source=Source.VENDOR,
        dedupe_key=key,
        at=clock.now(),
        team_id=1,
        room_id=room,
    )


class Gate:
    """Stands in front of the real `record_many`: counts its transactions and can hold them up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.entered = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.error: Exception | None = None
        self._record = module.record_many
        monkeypatch.setattr(module, "record_many", self)

    def __call__(self, facts: list[Fact], projections: Any) -> list[Recorded]:
        self.sizes.append(len(facts))
        self.entered.set()
        assert self.open.wait(20)
        if self.error is not None:
            raise self.error
        return self._record(facts, projections)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


@pytest.fixture
def writer() -> Iterator[GroupWriter]:
    one = GroupWriter()
    yield one
    one.stop()


def hold(gate: Gate, writer: GroupWriter) -> Future[list[Recorded]]:
    """Let one transaction begin and keep it there, so that what follows gathers behind it."""
    gate.open.clear()
    gate.entered.clear()
    first = writer.submit([fact("first")])
    assert gate.entered.wait(20)
    return first


def test_a_lone_fact_is_recorded_at_once(gate: Gate, writer: GroupWriter) -> None:
    recorded = writer.submit([fact("a")]).result(20)
    assert recorded[0].event is not None
    assert gate.sizes == [1]


def test_each_caller_gets_its_own_facts_back(gate: Gate, writer: GroupWriter) -> None:
    first = hold(gate, writer)
    futures = [writer.submit([fact(f"{number}:{part}") for part in range(number)]) for number in (1, 2, 3)]
    gate.open.set()
    assert len(first.result(20)) == 1
    keys = [[one.fact.dedupe_key for one in future.result(20)] for future in futures]
    assert keys == [["1:0"], ["2:0", "2:1"], ["3:0", "3:1", "3:2"]]
    assert gate.sizes == [1, 6]


def test_a_burst_of_3000_facts_costs_few_transactions(gate: Gate, writer: GroupWriter) -> None:
    hold(gate, writer)
    futures = [writer.submit([fact(f"burst:{number}", number % 50)]) for number in range(3000)]
    gate.open.set()
    assert all(future.result(60)[0].event is not None for future in futures)
    assert gate.sizes == [1, *[BIGGEST_BATCH] * 15]
    assert Event.objects.count() == 3001


def test_a_report_larger_than_a_batch_goes_alone(gate: Gate, writer: GroupWriter) -> None:
    hold(gate, writer)
    futures = [writer.submit([fact("a")]), writer.submit([fact(f"b:{number}") for number in range(450)])]
    gate.open.set()
    assert [len(future.result(20)) for future in futures] == [1, 450]
    assert gate.sizes == [1, 1, 450]


async def test_who_stops_waiting_does_not_stop_the_recording(gate: Gate, writer: GroupWriter) -> None:
    await asyncio.to_thread(hold, gate, writer)
    waiter = asyncio.create_task(writer.record([fact("cancelled")]))
    other = asyncio.create_task(writer.record([fact("other")]))
    await asyncio.sleep(0)
    assert len(writer._waiting) == 2
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    gate.open.set()
    assert [one.event is not None for one in await asyncio.wait_for(other, 20)] == [True]
    assert gate.sizes == [1, 2]
    keys = await asyncio.to_thread(lambda: set(Event.objects.values_list("dedupe_key", flat=True)))
    assert keys == {"first", "cancelled", "other"}


async def test_nothing_to_record_asks_nobody(gate: Gate, writer: GroupWriter) -> None:
    assert await writer.record([]) == []
    assert gate.sizes == []


def test_more_than_the_queue_holds_is_refused_whole(
    gate: Gate, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_QUEUE", 5)
    hold(gate, writer)
    fits = writer.submit([fact(f"fits:{number}") for number in range(4)])
    with pytest.raises(Full):
        writer.submit([fact("x:1"), fact("x:2")])
    last = writer.submit([fact("last")])
    gate.open.set()
    assert [len(future.result(20)) for future in (fits, last)] == [4, 1]
    assert not Event.objects.filter(dedupe_key__startswith="x:").exists()
    assert writer.submit([fact("later")]).result(20)[0].event is not None


def test_a_lost_database_is_told_to_each_caller_and_the_next_batch_goes(gate: Gate, writer: GroupWriter) -> None:
    gate.error = OperationalError("database is locked")
    first = hold(gate, writer)
    second = writer.submit([fact("b")])
    gate.open.set()
    for future in (first, second):
        with pytest.raises(OperationalError):
            future.result(20)
    gate.error = None
    assert writer.submit([fact("b")]).result(20)[0].event is not None
    assert set(Event.objects.values_list("dedupe_key", flat=True)) == {"b"}


def test_stopping_commits_what_waits_and_a_later_fact_starts_it_again(gate: Gate, writer: GroupWriter) -> None:
    hold(gate, writer)
    waiting = writer.submit([fact("waiting")])
    gate.open.set()
    writer.stop()
    assert waiting.done()
    assert waiting.result(0)[0].event is not None
    assert writer.submit([fact("again")]).result(20)[0].event is not None
