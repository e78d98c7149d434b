"""What a link tells goes into the log in its order, what is told meanwhile together, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import pytest

from dashboard.events.kinds import Fact
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.writer import writer
from dashboard.live.relay import link_facts
from dashboard.live.relay.link_facts import LinkFacts
from dashboard.vendors.port import JobReport, JobSays, Report
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(cast: Cast) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def told(job: Job) -> Report:
    return JobReport(job.vendor_ref, JobSays.LIVE, clock.now())


class Slow:
    """A database that is asked and does not answer before it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[list[str]] = []
        self.go = asyncio.Event()
        monkeypatch.setattr(link_facts.writer, "record", self._record)

    async def _record(self, facts: Sequence[Fact]) -> None:
        self.asked.append([fact.dedupe_key.rsplit(":", 1)[-1] for fact in facts])
        await self.go.wait()


async def once(work: Callable[[], Awaitable[object]]) -> None:
    await work()


async def test_what_is_told_together_goes_together_and_what_is_told_meanwhile_behind_it(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, facts = Slow(monkeypatch), LinkFacts(job, once)
    recording = asyncio.create_task(facts.record())
    for number in (1, 2):
        await facts.put(told(job), str(number))
    while not database.asked:  # noqa: ASYNC110  the first is on its way as soon as the other task has its turn
        await asyncio.sleep(0)
    for number in (3, 4, 5):
        await facts.put(told(job), str(number))
    waits = asyncio.create_task(facts.recorded())
    await asyncio.sleep(0)
    assert not waits.done()
    database.go.set()
    await asyncio.wait_for(waits, 5)
    assert database.asked == [["1", "2"], ["3", "4", "5"]]
    recording.cancel()


async def test_what_waits_when_the_link_is_given_up_is_recorded(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await in_thread(Event.objects.count)
    with monkeypatch.context() as patched:
        database, facts = Slow(patched), LinkFacts(job, once)
        recording = asyncio.create_task(facts.record())
        await facts.put(told(job), str(1))
        while not database.asked:  # noqa: ASYNC110  as above
            await asyncio.sleep(0)
        await facts.put(told(job), str(2))
        await facts.put(told(job), str(3))
        recording.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await recording
    await in_thread(writer.stop)
    assert await in_thread(Event.objects.count) == before + 3


async def test_a_keeper_that_may_not_insist_any_more_leaves_nothing_behind(job: Job) -> None:
    async def not_any_more(work: Callable[[], Awaitable[object]]) -> None:
        """As where the job was handed to another relay."""

    before = await in_thread(Event.objects.count)
    facts = LinkFacts(job, not_any_more)
    recording = asyncio.create_task(facts.record())
    await facts.put(told(job), "1")
    await asyncio.wait_for(facts.recorded(), 5)
    recording.cancel()
    await in_thread(writer.stop)
    assert await in_thread(Event.objects.count) == before + 1
