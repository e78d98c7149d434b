"""Double click, two tabs, a reload in the middle: one sentence, one job."""

from __future__ import annotations

import asyncio

import pytest

from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import Command, VendorKind
from tests.flows.stage import Stage

WORDS = "同一句话点了两次，观众只应该听到一次。"


async def test_a_double_click_and_a_second_tab_are_one_takeover(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    first, second, third = await asyncio.gather(*(stage.say(job, WORDS, key="draft-1") for _ in range(3)))
    assert {first.pk, second.pk, third.pk} == {first.pk}
    await stage.until_item(first, "done")
    assert len(await stage.audible(WORDS)) == 1
    after = await stage.say(job, WORDS, key="draft-1")  # a page that was reloaded in the middle sends its draft again
    assert after.pk == first.pk
    await stage.until(lambda: Command.objects.filter(kind="say", trace_id=first.trace_id).count() == 1, "one command")
    assert len(await stage.audible(WORDS)) == 1


async def test_the_same_key_with_other_words_is_refused_and_sends_nothing(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await stage.say(job, WORDS, key="draft-2")
    with pytest.raises(Conflict):
        await stage.say(job, WORDS + "再加一句。", key="draft-2")
    await stage.until(lambda: Takeover.objects.filter(job=job, key="draft-2").count() == 1, "one takeover")


async def test_two_starts_at_once_open_one_job(stage: Stage) -> None:
    room = await stage.room(VendorKind.SOFTSUGAR)
    results = await asyncio.gather(
        stage.start(room, key="start-a"), stage.start(room, key="start-b"), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Job"]
    await stage.until(lambda: Job.objects.filter(room=room).count() == 1, "one job")
