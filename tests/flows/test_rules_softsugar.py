"""SoftSugar runs no rules, so Talkback does: a comment's answer is heard once, whoever dies or does it twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db.models import F

from dashboard.audience.addresses import intake_path
from dashboard.audience.models import RuleDecision
from dashboard.audience.states import Cause, Outcome
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.rooms.models import RuleSet
from dashboard.rooms.services.rule_sets import RuleSetDraft, create_rule_set
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.quiet import silence
from dashboard.takeover.states import Source
from dashboard.vendors.models import VendorKind
from tests import cast as make
from tests.flows import relay_process
from tests.flows.stage import Stage, open_stage

REPLY = "到手价一百九十九元，左下角小黄车。"


@pytest.fixture
async def bare_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Everything but a relay: the test starts and kills its own."""
    async with open_stage(tmp_path, relay=False) as opened:
        yield opened


async def _answering_job(stage: Stage) -> Job:
    draft = RuleSetDraft("Evening", (make.rule("多少钱|价格", REPLY, name="price"),))
    rules: RuleSet = await in_thread(create_rule_set, team=stage.team, draft=draft, actor=stage.actor)
    room = await stage.room(VendorKind.SOFTSUGAR, rules=rules)
    job: Job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the job is live", within=30)
    await stage.until(lambda: Job.objects.get(pk=job.pk).link == "up", "the link is up", within=30)
    return await stage.fresh(job)  # type: ignore[no-any-return]


async def _comment(stage: Stage, job: Job, text: str) -> None:
    """As a capture tool reports it."""
    content = json.dumps({"user": {"name": "Anna"}, "content": text}, ensure_ascii=False)
    at = int(clock.now().timestamp() * 1000)
    body: dict[str, Any] = {"total": 1, "events": [{"timestamp": at, "type": 1, "content": content}]}
    path = await in_thread(intake_path, job)
    async with httpx.AsyncClient(base_url=stage.url, trust_env=False) as tool:
        (await tool.post(path, json=body)).raise_for_status()


def _fired() -> RuleDecision | None:
    return RuleDecision.objects.filter(outcome=Outcome.FIRED).select_related("takeover").first()


def _give(job: Job, relay: str) -> None:
    Job.objects.filter(pk=job.pk).update(owner=relay, epoch=F("epoch") + 1)


async def _item(stage: Stage, within: float = 15.0) -> Takeover:
    found: RuleDecision = await stage.until(_fired, "a rule fired", within)
    assert found.takeover is not None
    return found.takeover


async def test_a_comment_is_answered_by_the_rule_once(stage: Stage) -> None:
    job = await _answering_job(stage)
    await _comment(stage, job, "好看")
    await _comment(stage, job, "这个多少钱？")
    item = await _item(stage)
    await stage.until_item(item, "done")
    assert len(await stage.audible(REPLY)) == 1
    event = await in_thread(Event.objects.get, pk=item.cause_event_id)
    assert (event.data["text"], item.source, item.author_label) == ("这个多少钱？", Source.RULE, "price")


async def test_a_silenced_room_hears_no_rule_and_the_log_says_why(stage: Stage) -> None:
    job = await _answering_job(stage)
    await in_thread(silence, job=job, user=stage.user, actor=stage.actor)
    await _comment(stage, job, "多少钱")
    made: RuleDecision = await stage.until(
        lambda: RuleDecision.objects.exclude(outcome=Outcome.MADE).first(), "the rules decided"
    )
    assert (made.outcome, made.cause) == (Outcome.SUPPRESSED, Cause.SILENCED)
    assert await stage.audible(REPLY) == []


async def test_killed_between_the_decision_and_its_words(bare_stage: Stage) -> None:
    stage = bare_stage
    doomed = await relay_process.start("-m", "tests.flows.relay_that_dies")
    try:
        job = await _answering_job(stage)
        await _comment(stage, job, "这个多少钱？")
        async with asyncio.timeout(20):
            assert await doomed.wait() == -9
    finally:
        await relay_process.kill(doomed)
    (made,) = await in_thread(lambda: list(RuleDecision.objects.all()))
    assert (made.outcome, made.takeover_id) == (Outcome.MADE, None)
    await stage.start_relay()
    item = await _item(stage, within=30)
    await stage.until_item(item, "done", within=30)
    assert await in_thread(lambda: RuleDecision.objects.count()) == 1
    assert await in_thread(lambda: Takeover.objects.filter(source=Source.RULE).count()) == 1
    assert len(await stage.audible(REPLY)) == 1


async def test_two_relays_answer_one_comment_once(stage: Stage) -> None:
    """The second one takes the job over while the first still thinks that it keeps it."""
    job = await _answering_job(stage)
    await stage.start_relay()
    for number in range(6):
        await _comment(stage, job, f"第 {number} 个，多少钱")
        await in_thread(_give, job, stage.relays[number % 2][0].name)
    await stage.until(lambda: RuleDecision.objects.exclude(outcome=Outcome.MADE).count() == 6, "all are decided", 30)
    fired = await in_thread(
        lambda: list(RuleDecision.objects.filter(outcome=Outcome.FIRED).values_list("takeover", flat=True))
    )
    said = await in_thread(lambda: list(Takeover.objects.filter(source=Source.RULE).values_list("pk", flat=True)))
    assert sorted(fired) == sorted(said)
    assert len(said) >= 1
