"""A job's link to its vendor while the database is busy: nothing said over it is lost, and the keeper lives on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from django.db import OperationalError

from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.writer import Full, writer
from dashboard.live.relay import link_keeper, link_states, questions
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.link_keeper import LinkKeeper
from dashboard.vendors.models import Command, CommandKind
from dashboard.vendors.port import Accepted, JobReport, JobSays, LinkRefused, NotSent, QueueListing, Report, Session
from dashboard.vendors.softsugar import errors
from dashboard.vendors.softsugar.gateway import CAPABILITIES
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


class Wire:
    """A link that opens, says what is put into it, and answers every ping."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Report | None] = asyncio.Queue()
        self.is_closed = False

    async def open(self) -> Accepted[None]:
        return Accepted(None)

    async def reports(self) -> AsyncIterator[Report]:
        while (report := await self.said.get()) is not None:
            yield report

    async def ping(self) -> bool:
        return True

    async def close(self) -> None:
        self.is_closed = True


class Door:
    """A gateway with a queue that nobody waits in; each link it gives is kept."""

    def __init__(self) -> None:
        self.links: list[Wire] = []
        self.queue_answers = True

    def capabilities(self) -> Any:
        return CAPABILITIES

    def link(self, session: Session) -> Wire:
        self.links.append(Wire())
        return self.links[-1]

    async def queue(self, session: Session) -> Any:
        return Accepted(QueueListing((), clock.now())) if self.queue_answers else NotSent("busy")

    async def show_job(self, session: Session) -> Any:
        return NotSent("busy")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(link_keeper, "RETRY_S", 0.01)
    monkeypatch.setattr(link_keeper, "RECONNECT_S", (0.01,))
    settings.LINK_PING_EVERY_S = 0.01


@pytest.fixture
def job(cast: Cast) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=made.pk).update(owner="r1", epoch=1)
    return made


@pytest.fixture
async def kept(job: Job) -> AsyncIterator[tuple[LinkKeeper, Door]]:
    door = Door()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    yield links, door
    was_running = not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await in_thread(writer.stop)
    assert was_running, "a busy database ended the keeper"


async def until(seen: Callable[[], Any]) -> Any:
    async with asyncio.timeout(10):
        while not (value := await in_thread(seen)):  # noqa: ASYNC110  the database has no event for it
            await asyncio.sleep(0.01)
    return value


def link_of(job: Job) -> str:
    return str(Job.objects.values_list("link", flat=True).get(pk=job.pk))


def busy(times: int, real: Callable[..., Any], error: Exception | None = None) -> Callable[..., Any]:
    """`real`, after it failed so many times."""
    left = [times]

    def call(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise error or OperationalError("database is locked")
        return real(*args, **kwargs)

    return call


@pytest.mark.parametrize("error", [OperationalError("database is locked"), Full()])
async def test_a_report_is_kept_until_the_database_takes_it(
    kept: tuple[LinkKeeper, Door], job: Job, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    links, door = kept
    await until(lambda: link_of(job) == "up")
    monkeypatch.setattr(link_keeper.writer, "record", busy(3, writer.record, error))
    door.links[0].said.put_nowait(JobReport(job.vendor_ref, JobSays.PAUSED, clock.now()))
    door.links[0].said.put_nowait(JobReport(job.vendor_ref, JobSays.LIVE, clock.now()))
    says = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_STATE).order_by("id")
    await until(lambda: says.count() == 3)
    assert await in_thread(lambda: [event.data["says"] for event in says]) == ["live", "paused", "live"]
    assert len(door.links) == 1
    assert links.link is door.links[0]


@pytest.mark.parametrize("failures", [1, 3, 6])
async def test_what_the_link_is_gets_written_in_the_end(
    job: Job, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    monkeypatch.setattr(link_states, "accept", busy(failures, link_states.accept))
    door = Door()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    monkeypatch.setattr(link_states, "accept", busy(failures, link_states.accept))
    door.links[0].said.put_nowait(None)
    await until(lambda: Event.objects.filter(kind=Kind.JOB_LINK, data__link="down").exists())
    await until(lambda: link_of(job) == "up")
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_reads_that_fail_are_tried_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_keeper, "job_and_session", busy(2, link_keeper.job_and_session))
    monkeypatch.setattr(questions, "queue_read", busy(2, questions.queue_read))
    monkeypatch.setattr(link_states.LinkStates, "answered", busy(2, link_states.LinkStates.answered))
    door = Door()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    before = await in_thread(lambda: Job.objects.get(pk=job.pk).link_at)
    await until(lambda: link_of(job) == "up")
    up_at = await in_thread(lambda: Job.objects.get(pk=job.pk).link_at)
    await until(lambda: Job.objects.get(pk=job.pk).link_at > up_at)
    assert before != up_at
    assert (len(door.links), task.done()) == (1, False)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_waited_for_the_link_says_so_no_longer(job: Job) -> None:
    waiting = Command.objects.filter(job_id=job.pk, kind=CommandKind.SAY)
    assert await in_thread(waiting.update, wait_reason="link_down") == 1
    links = LinkKeeper(job.pk, Door(), Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    assert await in_thread(lambda: waiting.get().wait_reason) == ""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_refused_link_is_opened_again_although_its_jobs_state_could_not_be_asked(
    kept: tuple[LinkKeeper, Door], job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, door = kept
    await until(lambda: link_of(job) == "up")
    monkeypatch.setattr(questions, "look", busy(1, questions.look))
    door.links[0].said.put_nowait(LinkRefused(job.vendor_ref, errors.ours("capability"), clock.now()))
    await until(lambda: len(door.links) == 2 and link_of(job) == "up")


async def test_a_keeper_that_ends_closes_a_link_that_was_not_up_yet(job: Job) -> None:
    door = Door()
    door.queue_answers = False
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "connecting")
    assert links.link is None
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert door.links[0].is_closed
