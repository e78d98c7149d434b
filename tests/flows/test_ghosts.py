"""Ghosts both ways, over sockets: the vendor runs what nobody here started, and we think live what it does not know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dashboard.jobs.models import Job
from dashboard.jobs.services.adopt import adopt_session
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import missing
from dashboard.rooms.models import Room
from dashboard.takeover.services.close_job import close_missing_job
from dashboard.vendors.models import Command, CommandKind, UnclaimedSession, VendorKind
from dashboard.vendors.port import Accepted, Gateway, PlannedItem, RoomPlan, SessionOpened, StartPlan
from dashboard.vendors.registry import make_gateway
from dashboard.vendors.strangers import close_session
from tests.flows.stage import PARAGRAPHS, Stage
from tests.flows.test_faults_calls import AFTER, STOP

BOTH = pytest.mark.parametrize("vendor", list(VendorKind))
METASTUDIO, SOFTSUGAR = VendorKind.METASTUDIO, VendorKind.SOFTSUGAR
THEIRS = (PlannedItem(1, 1, "", "这里是别人开的直播，大家先随便看一看。"),)
WORDS = "这句话是接手直播之后说的第一句，只应被听到一次。"


@pytest.fixture
async def others(stage: Stage) -> AsyncIterator[dict[str, Gateway]]:
    """Somebody else's tool with the same keys."""
    doors = {vendor: make_gateway(account, clock.current()) for vendor, account in stage.accounts.items()}
    yield doors
    for door in doors.values():
        await door.close()


async def begin(stage: Stage, vendor: str, door: Gateway) -> SessionOpened:
    """A job that nobody here started, on air."""
    room = await stage.room(vendor)
    plan = RoomPlan("X", "Theirs", "zh-hans", THEIRS, room.config, room.output_url, "", room.vendor_ref)
    if vendor == METASTUDIO:
        made = await door.create_room(plan)
        assert isinstance(made, Accepted)
        plan = RoomPlan("X", "Theirs", "zh-hans", THEIRS, room.config, room.output_url, "", made.value.vendor_ref)
    opened = await door.start_job(StartPlan("theirs", plan, callback_url=""))
    assert isinstance(opened, Accepted)
    return opened.value


async def ghost_of(stage: Stage, opened: SessionOpened, *states: str) -> UnclaimedSession:
    ref = opened.session.vendor_ref

    def seen() -> UnclaimedSession | None:
        found = UnclaimedSession.objects.select_related("account").filter(vendor_ref=ref)
        return (found.filter(state__in=states) if states else found).first()

    row: UnclaimedSession = await stage.until(seen, f"the listing shows it {states}")
    return row


async def adopt(stage: Stage, ghost: UnclaimedSession, room: Room | None) -> Job:
    job: Job = await in_thread(adopt_session, session=ghost, room=room, user=stage.user, actor=stage.actor)
    return job


async def close(stage: Stage, ghost: UnclaimedSession) -> None:
    await in_thread(close_session, session=ghost, reason="nobody knows it", user=stage.user, actor=stage.actor)


@BOTH
async def test_an_adopted_job_is_kept_and_speaks(stage: Stage, others: dict[str, Gateway], vendor: str) -> None:
    opened = await begin(stage, vendor, others[vendor])
    ghost = await ghost_of(stage, opened, "live" if vendor == METASTUDIO else "ready")
    room = await stage.room(vendor) if vendor == SOFTSUGAR else None
    job = await adopt(stage, ghost, room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "it is on air")
    await stage.until(lambda: Job.objects.get(pk=job.pk).link == "up", "its link is up")
    item = await stage.say(await stage.fresh(job), WORDS)
    await stage.until_item(item, "done")
    assert len(await stage.audible(WORDS)) == 1
    assert await stage.audible(PARAGRAPHS[0]) == []  # the chosen room's script waits for a person
    await stage.until(lambda: not UnclaimedSession.objects.exists(), "it is nobody's no more")
    if vendor == METASTUDIO:
        await stage.until(lambda: Room.objects.get(pk=job.room_id).name == "Theirs", "its room is fetched")
    else:
        await stage.until(lambda: Job.objects.get(pk=job.pk).heartbeat_ok_at, "it is kept alive")


@BOTH
@pytest.mark.parametrize(("kind", "params"), AFTER, ids=lambda one: str(one))
async def test_a_close_whose_answer_is_lost_ends_it_all_the_same(
    stage: Stage, others: dict[str, Gateway], vendor: str, kind: str, params: dict[str, Any]
) -> None:
    ghost = await ghost_of(stage, await begin(stage, vendor, others[vendor]))
    await stage.fault(kind, vendor=vendor, endpoint=STOP[vendor], count=1, params=params)
    await close(stage, ghost)
    await close(stage, ghost)  # a second tab
    await stage.until(lambda: not UnclaimedSession.objects.exists(), "the vendor lists it no more", within=30)
    assert await in_thread(Command.objects.filter(kind=CommandKind.END_SESSION).count) == 1


async def test_a_close_that_is_refused_is_offered_again(stage: Stage, others: dict[str, Gateway]) -> None:
    ghost = await ghost_of(stage, await begin(stage, SOFTSUGAR, others[SOFTSUGAR]))
    await stage.fault("error", vendor="softsugar", endpoint="channel_close", count=1, params={"status": 400})
    await close(stage, ghost)
    again = await stage.until(
        lambda: UnclaimedSession.objects.select_related("account").filter(decision="", error__isnull=False).first(),
        "it is offered again, with the refusal",
    )
    await close(stage, again)
    await stage.until(lambda: not UnclaimedSession.objects.exists(), "the vendor lists it no more")


@BOTH
async def test_a_job_that_the_vendor_does_not_know_is_said_and_closed_by_a_person(
    stage: Stage, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "UNKNOWN_FOR_S", 0.5)
    job = await stage.on_air(vendor)
    (await stage.control.post("/sandbox/reset")).raise_for_status()
    await stage.until(lambda: Job.objects.get(pk=job.pk).missing_since, "it is said", within=40)
    still = await stage.fresh(job)
    assert still.is_open  # never decided by itself
    await in_thread(close_missing_job, job=still, user=stage.user, actor=stage.actor)
    over = await stage.fresh(job)
    assert (over.state, over.end_reason) == ("lost", "closed here")


async def test_how_long_the_vendor_lets_it_go_on_is_asked(stage: Stage) -> None:
    (await stage.control.put("/sandbox/softsugar", json={"stream_s": 3600})).raise_for_status()
    job = await stage.on_air(SOFTSUGAR)
    left = await stage.until(lambda: Job.objects.get(pk=job.pk).remaining_s, "the vendor told it")
    assert 3500 < left <= 3600
