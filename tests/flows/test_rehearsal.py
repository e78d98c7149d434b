"""Rehearsals against the real sandbox: the incident happens, is judged, and leaves the room as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.errors import Conflict
from dashboard.lib.threads import in_thread
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.pages import debrief
from dashboard.rehearsal.scenarios import BY_SLUG, fitting
from dashboard.rehearsal.selectors import outcome_of, sessions_of
from dashboard.rehearsal.services import course, finish, start
from dashboard.takeover import release
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet
from dashboard.vendors.models import VendorKind
from tests.flows.stage import Stage

BOTH = list(VendorKind)
WORDS = "这位朋友问得好，我马上给大家讲一讲。"


@pytest.fixture(autouse=True)
def no_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "LEAD_S", 0.05)
    monkeypatch.setattr(course, "SETTLES", timedelta(0))


async def begin(stage: Stage, job: Job, slug: str | None) -> Run:
    run: Run = await in_thread(
        start.start_run,
        room=job.room,
        scenario=BY_SLUG[slug] if slug else None,
        user=stage.user,
        actor=stage.actor,
    )
    return run


async def finished(stage: Stage, run: Run) -> Run:
    """Ended, with the sandbox's record as the relay would keep it."""
    assert await in_thread(finish.end_run, run=run, actor=stage.actor)
    found: Run = await in_thread(lambda: Run.objects.select_related("room__account", "noticed_by").get(pk=run.pk))
    found.heard = await in_thread(lambda: course.what_was_heard(found, sessions_of(found)))
    return found


async def armed(stage: Stage) -> list[dict[str, Any]]:
    return list((await stage.control.get("/sandbox/faults")).json()["faults"])


@pytest.mark.parametrize("vendor", BOTH)
async def test_wrong_words_are_silenced_and_the_debrief_measures_it_by_the_sandboxs_record(
    stage: Stage, vendor: str
) -> None:
    await stage.control.put("/sandbox/clock", json={"speed": 1})
    job = await stage.on_air(vendor)
    run = await begin(stage, job, "wrong-words")
    words: Takeover = await stage.until(
        lambda: Takeover.objects.filter(job=job, text=run.scenario.words, state="playing").first(), "the wrong words"
    )
    assert words.author_label == "Rehearsal"
    await in_thread(finish.notice, run=run, user=stage.user, actor=stage.actor)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)

    async def is_silent() -> bool:
        return all(row["ended_at"] is not None for row in await stage.audible(run.scenario.words))

    await stage.until_async(is_silent, "the words are cut")
    outcome = await in_thread(outcome_of, await finished(stage, run))
    heard = (await stage.audible(run.scenario.words))[0]
    assert heard["cut"]
    assert outcome.silenced_after_s == pytest.approx(heard["ended_at"] - heard["started_at"], abs=0.1)
    assert outcome.noticed_after_s is not None
    assert outcome.wrong == 0
    assert [one.verdict for one in outcome.judged] == ["right"]


@pytest.mark.parametrize("vendor", BOTH)
async def test_a_broadcast_that_dies_is_refused_once_and_started_again(stage: Stage, vendor: str) -> None:
    job = await stage.on_air(vendor)
    run = await begin(stage, job, "session-ends")
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "failed", "the broadcast is dead")
    await in_thread(finish.notice, run=run, user=stage.user, actor=stage.actor)
    quota = [fault["id"] for fault in await armed(stage) if fault["kind"] == "quota"]
    refused = await stage.start(job.room)
    await stage.until(lambda: not Job.objects.get(pk=refused.pk).is_open, "the vendor is full")
    await stage.control.delete(f"/sandbox/faults/{quota[0]}")
    again = await stage.start(job.room)
    await stage.until(lambda: Job.objects.get(pk=again.pk).state == "live", "on air again")
    page = await in_thread(debrief, await finished(stage, run), clock.now())
    assert [(one.what, one.verdict) for one in page.moments if one.who == "Oki" and one.verdict] == [
        ("noticed it", "right"),
        ("started the room", "right"),
        ("started the room", "right"),
    ]


@pytest.mark.parametrize(
    ("vendor", "slug"), [(vendor, one.slug) for vendor in BOTH for one in fitting(vendor)], ids=str
)
async def test_every_incident_arms_its_faults_for_this_room_and_an_early_end_takes_all_back(
    stage: Stage, vendor: str, slug: str
) -> None:
    job = await stage.on_air(vendor)
    run = await begin(stage, job, slug)
    planned = {step.kind for step in run.scenario.steps if step.vendor in ("", vendor)}
    assert len(run.fault_ids) == len([step for step in run.scenario.steps if step.vendor in ("", vendor)])
    assert {fault["kind"] for fault in await armed(stage)} <= planned
    assert (await finished(stage, run)).ended_at is not None
    assert await armed(stage) == []


async def test_a_rehearsal_ends_by_itself_and_keeps_what_was_heard(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    run = await begin(stage, job, "comment-flood")
    await stage.until(lambda: job.room.takeovers.filter(state="playing").exists(), "the script is heard")
    over_at = clock.now()
    await in_thread(lambda: Run.objects.filter(pk=run.pk).update(over_at=over_at))
    kept = await stage.until(lambda: Run.objects.filter(pk=run.pk, heard__isnull=False).first(), "it is over")
    assert kept.ended_at == over_at
    assert kept.heard


async def test_one_rehearsal_per_room_and_none_where_nothing_is_on_air(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await begin(stage, job, "outage")
    with pytest.raises(Conflict, match="under way"):
        await begin(stage, job, "outage")
    idle = await stage.room(VendorKind.SOFTSUGAR)
    with pytest.raises(Conflict, match="not on air"):
        await in_thread(start.start_run, room=idle, scenario=BY_SLUG["outage"], user=stage.user, actor=stage.actor)


async def test_without_the_sandbox_nothing_begins(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await stage.sandbox.stop()
    with pytest.raises(Conflict, match="does not answer"):
        await begin(stage, job, "outage")
    assert not await in_thread(Run.objects.exists)


@pytest.mark.parametrize("vendor", BOTH)
@pytest.mark.parametrize(("slug", "times_heard"), [("swallowed-sentence", 0), ("untold-sentence", 1)])
async def test_it_is_the_persons_sentence_that_is_lost_not_the_scripts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, vendor: str, slug: str, times_heard: int
) -> None:
    monkeypatch.setattr(release, "GRACE_S", 5.0)  # a missing notice is called missing after 40 s of this world
    job = await stage.on_air(vendor)
    await begin(stage, job, slug)
    await stage.until_async(lambda: _is_armed(stage), "the fault is armed")
    await stage.until(lambda: _script_moved(job), "the script goes on")
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "unknown", within=30)
    assert len(await stage.audible(WORDS)) == times_heard
    assert not await in_thread(Takeover.objects.filter(job=job, source="script", state="unknown").exists)


async def _is_armed(stage: Stage) -> bool:
    return any(fault["starts_in_s"] is None for fault in await armed(stage))


def _script_moved(job: Job) -> bool:
    job = Job.objects.get(pk=job.pk)
    return job.script_no is not None or Takeover.objects.filter(job=job, source="script", state="done").exists()
