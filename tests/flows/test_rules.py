"""The vendor answers the audience by our rules: what it says is heard, and is never taken for words of a person."""

from __future__ import annotations

import json

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.rooms.models import Room, RuleSet
from dashboard.rooms.services.rule_sets import RuleSetDraft, create_rule_set
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import VendorKind
from tests import cast as make
from tests.flows.stage import Stage

REPLY = "到手价一百九十九元，左下角小黄车。"
WORDS = "欢迎新来的朋友，明前茶今天最后一批，拍完就下架。"


async def _answering_job(stage: Stage) -> Job:
    draft = RuleSetDraft("Evening", (make.rule("多少钱|价格", REPLY),))
    rules: RuleSet = await in_thread(create_rule_set, team=stage.team, draft=draft, actor=stage.actor)
    room = await stage.room(VendorKind.METASTUDIO, rules=rules)
    await stage.until(lambda: Room.objects.get(pk=room.pk).rules_at_vendor == "ours", "the vendor has the rules")
    job: Job = await stage.on_air(VendorKind.METASTUDIO, room=room)
    return job


async def _comment(job: Job, text: str) -> None:
    raw = json.dumps({"user": {"name": "Anna"}, "content": text}, ensure_ascii=False)
    await in_thread(make.comment, job, text, raw=raw)


def _told_of_strangers(job: Job) -> int:
    """Ends that the vendor told of, and that are nobody's here."""
    return Event.objects.filter(job_id=job.pk, kind="item.finished", outcome="waiting").count()


async def test_a_comment_is_answered_by_the_vendor_and_people_still_speak(stage: Stage) -> None:
    job = await _answering_job(stage)
    assert job.runs_vendor_rules
    await _comment(job, "好看")
    await _comment(job, "这个多少钱？")
    await stage.until(lambda: _told_of_strangers(job) == 1, "the vendor told the end of its reply", within=20)
    assert len(await stage.audible(REPLY)) == 1
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done")
    assert len(await stage.audible(WORDS)) == 1
    takeovers = await in_thread(lambda: list(Takeover.objects.filter(job=job).values_list("text", flat=True)))
    assert takeovers == [WORDS]


async def test_a_rules_reply_settles_no_unknown_words(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await _answering_job(stage)
    await stage.fault(
        "refuse", vendor="metastudio", endpoint="execute_smart_live_command", count=1, params={"status": 500}
    )
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "unknown")
    await _comment(job, "价格呢")
    await stage.until(lambda: _told_of_strangers(job) == 1, "the vendor told the end of its reply", within=20)
    assert (await stage.fresh(item)).state == "unknown"
    assert (len(await stage.audible(REPLY)), await stage.audible(WORDS)) == (1, [])
