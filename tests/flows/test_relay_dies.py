"""kill -9 of the relay at the worst moments: the sentence is heard at most once, and the screen says what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.vendors.models import Command, CommandState, RateWindow, VendorKind
from tests.flows import relay_process
from tests.flows.stage import Stage, open_stage

WORDS = "这句话在转发进程被杀死的时候正在路上，只能被听到一次。"
API = "execute_smart_live_command"


@pytest.fixture
async def bare_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Everything but a relay: the test starts and kills its own."""
    async with open_stage(tmp_path, command_channel=False, relay=False) as opened:
        yield opened


async def _on_air(stage: Stage) -> Job:
    job = await stage.room(VendorKind.METASTUDIO)
    await stage.until(lambda: type(job).objects.get(pk=job.pk).vendor_ref, "the vendor holds the room", within=30)
    started = await stage.start(job)
    await stage.until(lambda: Job.objects.get(pk=started.pk).state == "live", "the job is live", within=30)
    fresh: Job = await stage.fresh(started)
    return fresh


def _sending() -> bool:
    return Command.objects.filter(kind="say", state=CommandState.SENDING).exists()


async def test_killed_between_claim_and_send(bare_stage: Stage) -> None:
    stage = bare_stage
    first = await relay_process.start()
    try:
        job = await _on_air(stage)
        account = stage.accounts[VendorKind.METASTUDIO]
        # The claim is durable, then the call waits for the account's rate window: there the relay dies.
        await stage.until(lambda: _close_window(account.pk), "the window is closed")
        item = await stage.say(job, WORDS)
        await stage.until(_sending, "the sentence is claimed", within=10)
    finally:
        await relay_process.kill(first)
    await stage.start_relay()
    unknown = await stage.until_item(item, "unknown", within=20)
    assert unknown.unknown_reason == "relay_lost"
    await stage.until(lambda: Job.objects.get(pk=job.pk).epoch >= 2, "the job has a new keeper")
    assert await stage.audible(WORDS) == []


def _close_window(account_id: int) -> bool:
    until = clock.now() + timedelta(seconds=2.3)
    RateWindow.objects.update_or_create(account_id=account_id, api=API, defaults={"per_s": 2, "closed_until": until})
    return True


async def test_killed_between_send_and_answer(bare_stage: Stage) -> None:
    stage = bare_stage
    first = await relay_process.start()
    try:
        job = await _on_air(stage)
        await stage.fault("timeout_after", vendor="metastudio", endpoint=API, count=1)
        item = await stage.say(job, WORDS)
        await stage.until(_sending, "the sentence is claimed", within=10)

        async def heard() -> bool:
            return bool(await stage.audible(WORDS))

        await stage.until_async(heard, "the vendor plays it", within=15)
    finally:
        await relay_process.kill(first)
    await stage.clear_faults()
    await stage.start_relay()
    settled = await stage.until_item(item, "unknown", "done", within=20)
    assert settled.unknown_reason in ("relay_lost", "")
    assert len(await stage.audible(WORDS)) == 1
