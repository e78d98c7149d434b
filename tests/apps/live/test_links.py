"""A job's link to its vendor while the database is busy: nothing said over it is lost, and the keeper lives on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from dashboard.console import facts, tiles
from dashboard.console.summary import summary
from dashboard.events.kinds import Kind
from dashboard.events.models import Event, Sequence
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.writer import Full, writer
from dashboard.live.relay import link_keeper, link_states, questions
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.link_keeper import LinkKeeper
from dashboard.rooms.models import Room
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
        self.pings_lost = 0
        self.said: asyncio.Queue[Report | None] = asyncio.Queue()
        self.is_closed = False

    async def open(self) -> Accepted[None]:
        return Accepted(None)

    async def reports(self) -> AsyncIterator[Report]:
        while (report := await self.said.get()) is not None:
            yield report

    async def ask_remaining(self, guard: Any) -> Accepted[None]:
        return Accepted(None)

    async def ping(self) -> bool:
        self.pings_lost -= 1
        return self.pings_lost < 0

    async def close(self) -> None:
        self.is_closed = True
        self.said.put_nowait(None)


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
    monkeypatch.setattr(writer, "record", busy(3, writer.record, error))
    door.links[0].said.put_nowait(JobReport(job.vendor_ref, JobSays.PAUSED, clock.now()))
    door.links[0].said.put_nowait(JobReport(job.vendor_ref, JobSays.LIVE, clock.now()))
    says = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_STATE).order_by("id")
    await until(lambda: says.count() == 3)
    assert await in_thread(lambda: [event.data["says"] for event in says]) == ["live", "paused", "live"]
    assert len(door.links) == 1
    assert links.link is door.links[0]


async def test_a_relay_that_was_too_late_to_record_ends_its_link(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is away for longer than nobody may overtake it: what the link told meanwhile is recorded nowhere."""
    door, alive = Door(), asyncio.Event()
    alive.set()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, alive.is_set), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")

    def away(*_: object) -> None:
        alive.clear()
        raise OperationalError("the database is away")

    monkeypatch.setattr(writer, "record", away)
    monkeypatch.setattr(writer, "submit", busy(1, writer.submit, Full()))
    door.links[0].said.put_nowait(JobReport(job.vendor_ref, JobSays.PAUSED, clock.now()))
    async with asyncio.timeout(10):
        await task  # whoever keeps the job takes it up again
    assert door.links[0].is_closed


async def test_facts_that_break_the_log_end_the_link_instead_of_waiting_for_ever(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    monkeypatch.setattr(writer, "record", busy(1, writer.record, RuntimeError("a flaw")))
    door.links[0].said.put_nowait(JobReport(job.vendor_ref, JobSays.PAUSED, clock.now()))
    with pytest.raises(ExceptionGroup, match="unhandled errors"):
        await asyncio.wait_for(task, 5)
    assert door.links[0].is_closed


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
    door, keeper = Door(), Keeper("r1", 1, lambda: True)
    links = LinkKeeper(job.pk, door, keeper, on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    await until(lambda: list(keeper.signs.taken()) == [("link_at", 1)])  # it answers a ping
    assert (len(door.links), task.done()) == (1, False)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_link_that_answers_again_is_up_again(kept: tuple[LinkKeeper, Door], job: Job) -> None:
    """One lost ping makes it stale; the next good one has to say that it is not."""
    _, door = kept
    await until(lambda: link_of(job) == "up")
    door.links[0].pings_lost = 1
    told = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_LINK).order_by("id")
    await until(lambda: [event.data["link"] for event in told.all()] == ["connecting", "up", "stale", "up"])
    assert (await in_thread(link_of, job), len(door.links)) == ("up", 1)


async def test_a_link_that_answers_again_while_its_relay_is_late_ends(job: Job) -> None:
    """Else the room would be *stale* for as long as the link lives, and nobody could speak there."""
    door, alive = Door(), asyncio.Event()
    alive.set()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, alive.is_set), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    wire = door.links[0]

    async def lost() -> bool:
        del wire.ping
        alive.clear()
        return False

    wire.ping = lost  # type: ignore[method-assign]
    async with asyncio.timeout(10):
        await task
    assert wire.is_closed


async def test_a_link_that_nobody_watches_ends(kept: tuple[LinkKeeper, Door], job: Job) -> None:
    _, door = kept
    await until(lambda: link_of(job) == "up")

    async def broken() -> bool:
        raise RuntimeError("a flaw")

    door.links[0].ping = broken  # type: ignore[method-assign]
    await until(lambda: len(door.links) == 2 and link_of(job) == "up")
    assert door.links[0].is_closed


async def test_nothing_is_written_into_a_link_that_lost_a_ping(job: Job) -> None:
    """It may be half open. The second lost ping ends it; one that is answered opens it for words again."""
    door, woken = Door(), []
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: woken.append(links.link))  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    wire, pong = door.links[0], asyncio.Event()

    async def slow() -> bool:
        await pong.wait()
        return True

    async def lost() -> bool:
        wire.ping = slow  # type: ignore[method-assign]
        return False

    wire.ping = lost  # type: ignore[method-assign]
    await until(lambda: link_of(job) == "stale")
    assert links.link is None
    pong.set()
    await until(lambda: link_of(job) == "up")
    await until(lambda: len(woken) == 2)
    assert (links.link, woken) == (wire, [wire, wire])  # what waited goes at once
    wire.pings_lost = 2
    del wire.ping
    await until(lambda: wire.is_closed)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await in_thread(writer.stop)


class RefusingWire(Wire):
    """Opens, says why not, and is closed by the other side."""

    async def ping(self) -> bool:
        self.said.put_nowait(LinkRefused("v-1", errors.of_socket(1), clock.now()))
        self.said.put_nowait(None)
        return False


class RefusingDoor(Door):
    def link(self, session: Session) -> Wire:
        if self.links:
            return super().link(session)
        self.links.append(RefusingWire())
        return self.links[0]


async def test_a_link_that_is_opened_and_refused_was_never_up(job: Job) -> None:
    door = RefusingDoor()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    told = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_LINK).order_by("id")
    said = await in_thread(lambda: [(event.data["link"], event.data.get("why", "")) for event in told])
    assert said == [("connecting", ""), ("down", "socket_1"), ("connecting", ""), ("up", "")]
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await in_thread(writer.stop)


class NoDoor(Door):
    """Its first link opens and can be cut, no other does."""

    def link(self, session: Session) -> Wire:
        wire = super().link(session)
        if len(self.links) > 1:
            wire.open = self.refuse  # type: ignore[method-assign]
        return wire

    async def refuse(self) -> Any:
        return NotSent("no_connection")


def wall(job: Job) -> tuple[str, int, int]:
    """The room's why line, how many rooms the strip says warn, and the number that the wall has of the room."""
    room = facts.load([Room.objects.select_related("account").get(pk=job.room_id)])[0]
    return tiles.why(room).text, summary(job.team_id, 0).warn, Sequence.objects.get(topic=job.topic).seq


async def test_a_link_that_is_opened_in_vain_keeps_the_time_when_it_was_last_good(job: Job) -> None:
    door = NoDoor()
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "up")
    good_at = await in_thread(lambda: Job.objects.get(pk=job.pk).link_at)
    link_keeper.settings.LINK_PING_EVERY_S = 60
    door.links[0].said.put_nowait(None)
    await until(lambda: len(door.links) > 1)
    before = (await in_thread(wall, job))[2]
    await until(lambda: len(door.links) > 5)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    kept_at = await in_thread(lambda: Job.objects.get(pk=job.pk).link_at)
    assert kept_at < good_at + timedelta(seconds=0.5)  # pings may have come, the tries after them may not
    down_at = Event.objects.filter(kind=Kind.JOB_LINK, data__link="down").order_by("id")
    assert await in_thread(lambda: kept_at < down_at[0].at < down_at[2].at)
    assert (await in_thread(wall, job))[2] >= before + 6  # every try is told: the tile is made again


@pytest.mark.parametrize("last", ["connecting", "down"])
def test_the_wall_says_that_words_wait_while_the_link_is_opened_in_vain(
    job: Job, manual_clock: ManualClock, last: str
) -> None:
    states = link_states.LinkStates(job.pk, Keeper("r1", 1, lambda: True))
    states.connecting()
    manual_clock.advance(11)
    assert wall(job)[:2] == ("Calm", 0)  # the first time: nothing was lost yet
    states.up()
    for _ in range(3):
        manual_clock.advance(2)
        states.down("no_connection")
        assert wall(job)[:2] == ("Calm", 0)
        manual_clock.advance(2)
        states.connecting()
    if last == "down":
        states.down("no_connection")
    assert link_of(job) == last
    assert wall(job)[:2] == ("The takeover channel is down; words wait here", 1)
    states.up()
    assert wall(job)[:2] == ("Calm", 0)


def test_a_link_that_never_came_up_is_lost_from_its_first_failure_on(job: Job, manual_clock: ManualClock) -> None:
    states = link_states.LinkStates(job.pk, Keeper("r1", 1, lambda: True))
    for _ in range(4):
        states.connecting()
        manual_clock.advance(2)
        states.down("no_connection")
        manual_clock.advance(2)
    assert wall(job)[:2] == ("The takeover channel is down; words wait here", 1)


async def test_the_wall_looks_again_while_a_link_waits_for_the_queue(job: Job) -> None:
    door = Door()
    door.queue_answers = False
    links = LinkKeeper(job.pk, door, Keeper("r1", 1, lambda: True), on_up=lambda: None)  # type: ignore[arg-type]
    task = asyncio.create_task(links.run())
    await until(lambda: link_of(job) == "connecting")
    before, told = (await in_thread(wall, job))[2], Event.objects.filter(kind=Kind.JOB_LINK)
    await until(lambda: wall(job)[2] > before + 2)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (await in_thread(told.count), len(door.links)) == (1, 1)


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
