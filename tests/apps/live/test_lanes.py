"""Which command of a job's lane leaves next, and what waits for the job's link."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.events.kinds import Kind
from dashboard.events.models import Event, Sequence
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import dispatch
from dashboard.live.relay.keeper import Keeper
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, VendorKind
from dashboard.vendors.port import Accepted, Capabilities, NotSent, SaidRef, Say, Session, Vendor
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
        return NotSent("busy")


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
    assert door.asked == [("go_live", None)]
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
