"""Which command of a job's lane leaves next, and what waits for the job's link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dashboard.events import notices
from dashboard.events.kinds import Kind
from dashboard.events.models import Event, Sequence
from dashboard.events.notices import Notice
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import dispatch, doubts, sweep
from dashboard.live.relay.job_keeper import JobKeeper
from dashboard.live.relay.keeper import Keeper
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet, settle
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorKind
from dashboard.vendors.port import Accepted, NotSent, SaidRef, Say, Session, Vendor
from dashboard.vendors.port_live import Capabilities
from dashboard.vendors.registry import make_gateway
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

LINK: Any = object()


class Door:
    """A gateway that can what the account's real one can; keeps what it was asked."""

    def __init__(self, job: Job) -> None:
        self.vendor = Vendor(job.account.vendor)
        self.asked: list[tuple[str, object]] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self._capabilities = make_gateway(job.account, clock.current()).capabilities()

    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def say(self, session: Session, say: Say, link: object, guard: Any) -> Accepted[SaidRef]:
        self.asked.append((say.trace_id, link))
        return Accepted(SaidRef(""))

    async def go_live(self, session: Session) -> Accepted[None]:
        self.asked.append(("go_live", None))
        return Accepted(None)

    async def show_job(self, session: Session) -> NotSent:
        self.asked.append(("show_job", None))
        await self.answers.wait()
        return NotSent("busy")

    async def queue(self, session: Session) -> NotSent:
        return NotSent("busy")

    async def cancel(self, session: Session, trace_ids: object, guard: Any) -> Accepted[None]:
        self.asked.append(("cancel", None))
        return Accepted(None)

    async def heartbeat(self, session: Session) -> NotSent:
        return NotSent("busy")

    def link(self, session: Session) -> None:
        return None


def kept(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(owner="r1", epoch=1)
    return Job.objects.select_related("account", "room").get(pk=job.pk)


async def drain(job: Job, door: Door, link: Any) -> int:
    keeper = Keeper("r1", 1, lambda: True)
    lane = outbox.speak_lane(job.pk)
    return await dispatch.drain_lane(job.pk, lane, keeper, door, lambda: link)  # type: ignore[arg-type]


def says(job: Job) -> list[tuple[str, int, str]]:
    commands = Command.objects.filter(job_id=job.pk, kind=CommandKind.SAY).order_by("id")
    return list(commands.values_list("state", "attempts", "wait_reason"))


def sequence(job: Job) -> int:
    return Sequence.objects.get(topic=job.topic).seq


@pytest.fixture
def job(cast: Cast) -> Job:
    """On air on SoftSugar, with the script's first paragraph in the lane."""
    return kept(make.on_air(make.room(make.account(cast.alpha)), cast.oki))


async def test_words_are_not_taken_from_the_lane_while_there_is_no_link(job: Job) -> None:
    door, before = Door(job), await in_thread(sequence, job)
    assert await drain(job, door, None) == 0
    assert await in_thread(says, job) == [("ready", 0, "link_down")]
    assert await in_thread(Event.objects.filter(kind=Kind.ITEM_SENDING).count) == 0
    assert door.asked == []
    told = await in_thread(sequence, job)
    assert told > before  # open pages say why it waits
    assert await drain(job, door, None) == 0
    assert await in_thread(sequence, job) == told  # and are told once


async def test_words_wait_while_a_cancel_of_everything_is_on_its_way(job: Job, cast: Cast) -> None:
    """It would take them with the rest."""
    door = Door(job)
    await drain(job, door, LINK)  # the script
    await in_thread(quiet.silence, job=job, user=cast.oki.user, actor=cast.oki.actor)
    item = await in_thread(make.takeover, job, cast.oki)
    assert await drain(job, door, LINK) == 0
    assert (await in_thread(says, job))[-1] == ("ready", 0, "silencing")
    silence = await in_thread(Command.objects.get, kind=CommandKind.CANCEL)
    await in_thread(Command.objects.filter(pk=silence.pk).update, state="sending")
    assert await drain(job, door, LINK) == 0
    woken: list[str] = []
    stop = notices.listen(lambda notice: woken.append(notice.topic))
    await in_thread(outbox.settle, silence, CommandState.ACCEPTED)
    await asyncio.sleep(0.01)
    stop()
    assert f"outbox:{job.account_id}:{job.pk}:speak" in woken
    await in_thread(Command.objects.exclude(trace_id=item.trace_id).filter(state="sending").update, state="accepted")
    assert await drain(job, door, LINK) >= 1  # the script goes on behind them
    assert (item.trace_id, LINK) in door.asked


async def test_words_leave_once_the_link_is_up(job: Job) -> None:
    door, item = Door(job), await in_thread(Takeover.objects.get)
    await drain(job, door, None)
    assert await drain(job, door, LINK) == 1
    assert door.asked == [(item.trace_id, LINK)]
    assert await in_thread(says, job) == [("sending", 1, "")]


async def test_what_steers_the_job_does_not_wait_for_the_link(job: Job) -> None:
    door = Door(job)
    await in_thread(
        outbox.enqueue,
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.speak_lane(job.pk),
        kind=CommandKind.GO_LIVE,
    )
    assert await drain(job, door, None) == 1
    assert door.asked == [("go_live", None), ("show_job", None)]
    assert await in_thread(says, job) == [("ready", 0, "link_down")]


@pytest.mark.parametrize("command_channel", [True, False])
async def test_a_vendor_that_takes_words_by_http_needs_no_link(cast: Cast, command_channel: bool) -> None:
    def on_air() -> tuple[Job, Takeover]:
        account = make.account(cast.alpha, VendorKind.METASTUDIO)
        account.capabilities["command_channel"] = command_channel
        account.save(update_fields=["capabilities"])
        started = kept(make.on_air(make.room(account), cast.oki))
        return started, make.takeover(started, cast.oki)

    job, item = await in_thread(on_air)
    door = Door(job)
    assert await drain(job, door, None) == 1
    assert door.asked == [(item.trace_id, None)]


# ----------------------------------------------------------------------------------------------------------- questions


@contextlib.asynccontextmanager
async def keeping(job: Job, door: Door) -> AsyncIterator[JobKeeper]:
    """The job's keeper at work, woken by the outbox as the relay wakes it."""
    keeper = JobKeeper(job.pk, door, Keeper("r1", 1, lambda: True))  # type: ignore[arg-type]
    loop = asyncio.get_running_loop()

    def wake(notice: Notice) -> None:
        if notice.topic.startswith("outbox:"):
            loop.call_soon_threadsafe(keeper.wake, notice.topic.split(":")[3])

    task, unsubscribe = asyncio.create_task(keeper.run()), notices.listen(wake)
    try:
        yield keeper
    finally:
        unsubscribe()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until_asked(door: Door, what: str, times: int = 1) -> None:
    async with asyncio.timeout(5):
        while [asked for asked, _ in door.asked].count(what) < times:  # noqa: ASYNC110  the door has no event for it
            await asyncio.sleep(0.01)


def check_again(job: Job, cast: Cast) -> None:
    settle.check_again(item=make.unknown(job, cast.oki), user=cast.oki.user, actor=cast.oki.actor)


def silence(job: Job, cast: Cast) -> None:
    quiet.silence(job=job, user=cast.oki.user, actor=cast.oki.actor)


async def test_a_silence_does_not_wait_for_a_question_that_the_vendor_is_slow_to_answer(job: Job, cast: Cast) -> None:
    door = Door(job)
    door.answers.clear()
    async with keeping(job, door):
        await in_thread(check_again, job, cast)
        await until_asked(door, "show_job")
        await in_thread(silence, job, cast)
        await until_asked(door, "cancel")
        assert await in_thread(lambda: Command.objects.get(kind="check").state) == "sending"
        door.answers.set()


async def test_a_question_of_before_the_upgrade_is_still_asked(job: Job) -> None:
    """It waits in the lane of stops, where questions waited then."""
    door, lane = Door(job), outbox.stop_lane(job.pk)
    where = {"account_id": job.account_id, "job_id": job.pk, "lane": lane, "kind": CommandKind.CHECK}
    question = await in_thread(outbox.enqueue, **where)
    async with keeping(job, door):
        await until_asked(door, "show_job")
    assert await in_thread(lambda: Command.objects.get(pk=question.pk).attempts) == 1


def test_a_question_that_a_dead_relay_was_asking_shuts_no_lane(job: Job, cast: Cast) -> None:
    check_again(job, cast)
    question = Command.objects.get(kind="check")
    assert question.lane == f"job:{job.pk}:check"
    assert outbox.claim(question, relay="dead", epoch=1, still_mine=lambda: True)
    assert [command.pk for command in doubts.orphaned_commands((job.pk,), "r1")] == [question.pk]
    check_again(job, cast)
    assert sweep.sweep("r1").waiting == [job.pk]


def test_only_what_no_jobs_keeper_drains_wakes_the_account() -> None:
    lanes = ("speak", "stop", "check", "create", "test", "import", "7")
    assert [lane for lane in lanes if outbox.is_of_job(lane)] == ["speak", "stop", "check"]
