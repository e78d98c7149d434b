"""Silence for one room: what plays is cut, what waits is taken back, the script is held until it may go on."""

from __future__ import annotations

from dashboard.console import facts, parts
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet
from dashboard.takeover.states import Mode
from dashboard.vendors.models import VendorKind
from tests.flows.stage import Stage

LONG = "这是一段很长的话，" * 12 + "说完需要很久。"
WAITING = "这一句排在后面，静音以后不应该被听到。"


async def _silence(stage: Stage, job: Job) -> None:
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)


async def test_softsugar_falls_silent_and_speaks_again(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    long = await stage.say(job, LONG)
    await stage.until_item(long, "playing", within=25)
    waiting = await stage.say(job, WAITING)
    await _silence(stage, job)
    await stage.until_item(long, "cancelled")
    await stage.until_item(waiting, "cancelled")
    await stage.until(lambda: not Takeover.objects.filter(job=job, state="playing").exists(), "nothing plays")
    assert await stage.audible(WAITING) == []
    plays = await in_thread(lambda: Takeover.objects.filter(job=job, source="script").count())
    await in_thread(quiet.resume, job=job, user=stage.user, actor=stage.actor)
    await stage.until(lambda: Takeover.objects.filter(job=job, source="script").count() > plays, "the script goes on")


async def test_metastudio_pauses_over_its_channel_and_resumes(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO)
    await _silence(stage, job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "paused", "the vendor says paused")
    await in_thread(quiet.resume, job=job, user=stage.user, actor=stage.actor)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the vendor says live")


async def test_metastudio_without_a_channel_plays_its_silent_clip(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    held = await stage.say(job, LONG)
    second = await stage.say(job, WAITING)
    await _silence(stage, job)
    await stage.until_item(second, "cancelled")
    heard = await stage.audible("")
    await stage.until(lambda: Job.objects.get(pk=job.pk).silenced_at is not None, "silence is noted")
    assert held.pk
    assert heard


async def test_a_paragraph_taken_back_by_a_silence_is_said_after_all(stage: Stage) -> None:
    paragraphs = (
        "第一段话，" + "讲得比较久，" * 8 + "请大家慢慢听。",
        "第二段话还没有被听到，不能跳过。",
        "第三段话，介绍发货时间。",
    )
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=paragraphs)
    ahead = Takeover.objects.filter(job=job, source="script", first_no=2, queued_at__isnull=False)
    await stage.until(lambda: ahead.all().exists(), "the second paragraph waits at the vendor")
    await _silence(stage, job)
    await stage.until(lambda: not Takeover.objects.filter(job=job, source="script", state="playing").exists(), "silent")
    await stage.until(lambda: ahead.all().filter(state="cancelled").exists(), "the second one is taken back")
    await in_thread(quiet.resume, job=job, user=stage.user, actor=stage.actor)
    await stage.until(lambda: ahead.all().filter(started_at__isnull=False).exists(), "the second one is said")
    assert len(await stage.audible("第二段话")) == 1


async def test_words_said_into_metastudios_pause_are_shown_as_heard(stage: Stage) -> None:
    """The vendor says them although it is paused; a desk that says "silent" meanwhile would be wrong."""
    job = await stage.on_air(VendorKind.METASTUDIO)
    await _silence(stage, job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "paused", "the vendor says paused")
    item = await stage.say(job, LONG, Mode.NOW)
    await stage.until_item(item, "playing")
    assert len(await stage.audible(LONG)) == 1
    heard, air = await in_thread(_shown, job)
    assert (heard, air) == (LONG, "talkback")


def _shown(job: Job) -> tuple[str, str]:
    room = Room.objects.select_related("account", "team").get(pk=job.room_id)
    found = facts.load([room])[0]
    return parts.heard(found).words, str(found.air.state)
