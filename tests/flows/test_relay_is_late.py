"""A relay that was late with its beat, and that nobody overtook, does all its work again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from django.db import OperationalError

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.live.relay import leases
from dashboard.vendors.models import VendorAccount, VendorKind
from tests.flows.stage import Stage

WORDS = "欢迎回来，刚才说到哪里了。"


def _away(name: str) -> NoReturn:
    raise OperationalError("the database is away")


def _runs(task: str) -> bool:
    return any(one.get_name() == task for one in asyncio.all_tasks())


@contextmanager
def _no_beat(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(leases, "beat", _away)
        yield


async def _while_late(stage: Stage, ended: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No beat reaches the database until the task of that name has seen it and ended."""
    ((relay, _),) = stage.relays

    async def is_over() -> bool:
        return not relay.alive() and not _runs(ended)

    with _no_beat(monkeypatch):
        await stage.until_async(is_over, f"{ended} ended")


async def test_starts_leave_though_the_listing_slept_through_it(
    stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.POLL_EVERY_S = 60.0
    account = stage.accounts[VendorKind.SOFTSUGAR]
    await stage.until(lambda: VendorAccount.objects.get(pk=account.pk).poll_ok_at, "the account's listing sleeps")
    await _while_late(stage, f"account-lanes:{account.pk}", monkeypatch)
    job = await stage.start(await stage.room(VendorKind.SOFTSUGAR))
    await stage.until(lambda: Job.objects.get(pk=job.pk).vendor_ref, "the start left")


async def test_words_leave_though_the_link_never_broke(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await _while_late(stage, f"job:{job.pk}:speak", monkeypatch)
    await stage.until_item(await stage.say(job, WORDS), "done", within=30)


@pytest.mark.parametrize("vendor", VendorKind.values)
async def test_what_a_link_told_meanwhile_is_asked_for(
    vendor: str, stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HEARTBEAT_EVERY_S = 60.0  # one that wakes meanwhile would end all by itself
    job = await stage.on_air(vendor)
    await stage.fault("drop_callback", session=job.vendor_ref)
    item = await stage.until_item(await stage.say(job, WORDS * 6), "playing", within=30)
    ((relay, _),) = stage.relays

    async def is_over() -> bool:
        return all(row["ended_at"] for row in await stage.audible(WORDS))

    with _no_beat(monkeypatch):
        await stage.until(lambda: not relay.alive(), "the relay is late")
        assert not await is_over()
        await stage.until_async(is_over, "the sentence is over", within=30)
    ups = Event.objects.filter(job_id=job.pk, data__link="up")
    await stage.until(lambda: ups.count() == 2, "the link is opened anew")
    if vendor == VendorKind.SOFTSUGAR:  # MetaStudio shows no queue: there the time that was reckoned ends it
        await stage.until_item(item, "done", within=10)
