"""The thread: a room goes on air, speaks its script, says a person's sentence, and ends. Both vendors."""

from __future__ import annotations

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import VendorKind
from tests.flows.stage import Stage

WORDS = "欢迎新来的朋友，明前茶今天最后一批，拍完就下架。"


async def test_softsugar_room_speaks_and_ends(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    plays = Takeover.objects.filter(job=job, source="script", started_at__isnull=False)
    await stage.until(lambda: plays.all().count() >= 2, "the script plays")
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done")
    assert all((done.claimed_at, done.queued_at, done.started_at, done.finished_at))
    assert done.accepted_at is None  # SoftSugar reports no acceptance, only its queue
    assert len(await stage.audible(WORDS)) == 1
    await stage.stop(job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "ended", "the job ended")
    await stage.until(lambda: not Event.objects.filter(job_id=job.pk, outcome="failed").exists(), "no fact failed")


async def test_metastudio_room_speaks_and_ends(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no, "the vendor tells its paragraph")
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done")
    assert all((done.claimed_at, done.accepted_at, done.started_at, done.finished_at))
    assert done.queued_at is None  # MetaStudio reports no queue
    assert len(await stage.audible(WORDS)) == 1
    await stage.stop(job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "ended", "the job ended")


async def test_metastudio_without_its_channel_reports_no_start(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done")
    assert all((done.accepted_at, done.finished_at))
    assert done.started_at is None
    assert len(await stage.audible(WORDS)) == 1
