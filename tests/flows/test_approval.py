"""A second person and the undo window over the sandbox: its own record says what was audible, and when not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dashboard.accounts import services as accounts
from dashboard.accounts.access import actor_of
from dashboard.audit.trail import CONSOLE
from dashboard.lib.errors import Conflict
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import approve, quiet, undo
from dashboard.vendors.models import VendorKind
from tests.cast import Person, second_person, undo_window
from tests.flows import relay_process
from tests.flows.stage import Stage, open_stage

WORDS = "这一句要先有第二个人点头，观众才能听到。"
LATER = "这一句没有人审批，观众不应该听到。"
BOTH = pytest.mark.parametrize("vendor", [VendorKind.SOFTSUGAR, VendorKind.METASTUDIO])


async def _second(stage: Stage) -> Person:
    def make() -> Person:
        member = accounts.add_member(
            team=stage.team,
            email="pia@alpha.test",
            name="Pia",
            role="operator",
            password="a-long-enough-one",
            actor=CONSOLE,
        )
        return Person(member)

    return await in_thread(make)


async def _approve(by: Person, item: Takeover) -> Takeover:
    version = await in_thread(lambda: Takeover.objects.get(pk=item.pk).version)
    given: Callable[..., Any] = approve.approve
    return await in_thread(given, item=item, user=by.user, actor=actor_of(by.member), version=version)


@BOTH
async def test_nothing_is_audible_before_the_second_person(stage: Stage, vendor: str) -> None:
    pia = await _second(stage)
    job = await stage.on_air(vendor)
    await in_thread(second_person, job.room, kinds=["text"])
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "awaiting_approval")
    await in_thread(second_person, job.room)
    other = await stage.say(job, "这一句不用审批，可以先说出来给大家听。")
    await stage.until_item(other, "done", within=40)
    assert await stage.audible(WORDS) == []
    await _approve(pia, item)
    await stage.until_item(item, "done", within=40)
    assert len(await stage.audible(WORDS)) == 1


@BOTH
async def test_what_nobody_approves_in_time_is_never_heard(stage: Stage, vendor: str) -> None:
    job = await stage.on_air(vendor)
    await in_thread(second_person, job.room, words=["审批"], within_s=5)
    item = await stage.say(job, LATER)
    returned = await stage.until_item(item, "rejected", within=10)
    assert returned.approval_due_at is not None
    assert returned.rejected_at is not None
    assert timedelta(0) <= returned.rejected_at - returned.approval_due_at <= timedelta(seconds=0.3)
    assert returned.error["happened"][0] == "Nobody approved it within 5 s."
    assert await stage.audible(LATER) == []


async def test_panic_wins_over_a_later_approval(stage: Stage) -> None:
    pia = await _second(stage)
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await in_thread(second_person, job.room, kinds=["text"])
    item = await stage.say(job, WORDS)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    with pytest.raises(Conflict):
        await _approve(pia, item)
    await in_thread(quiet.resume, job=job, user=stage.user, actor=stage.actor)
    await stage.until_item(item, "cancelled")
    assert await stage.audible(WORDS) == []


@BOTH
async def test_the_undo_window_ends_on_time(stage: Stage, vendor: str) -> None:
    job = await stage.on_air(vendor)
    await in_thread(undo_window, stage.team, 1)
    item = await stage.say(job, WORDS)
    left = await stage.until_item(item, "queued", "accepted", "playing", "done")
    assert left.hold_over_at is not None
    assert left.held_until is not None
    assert timedelta(0) <= left.hold_over_at - left.held_until <= timedelta(seconds=0.3)
    await stage.until_item(item, "done", within=40)
    assert len(await stage.audible(WORDS)) == 1


async def test_what_is_undone_is_never_heard(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await in_thread(undo_window, stage.team, 1)
    item = await stage.say(job, LATER)
    await in_thread(undo.undo, item=item, user=stage.user, actor=stage.actor)
    after = await stage.say(job, WORDS)
    await stage.until_item(after, "done", within=40)
    assert await stage.audible(LATER) == []


async def test_a_window_outlives_the_relay_that_should_end_it(tmp_path: Any) -> None:
    """Killed while the item is held: the next relay ends the window, and it is heard once."""
    async with open_stage(tmp_path, relay=False) as stage:
        first = await relay_process.start()
        try:
            job = await stage.on_air(VendorKind.SOFTSUGAR)
            await in_thread(undo_window, stage.team, 2)
            item = await stage.say(job, WORDS)
        finally:
            await relay_process.kill(first)
        assert (await stage.fresh(item)).state == "held"
        await stage.start_relay()
        await stage.until_item(item, "done", within=40)
        assert len(await stage.audible(WORDS)) == 1
