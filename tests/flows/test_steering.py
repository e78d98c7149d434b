"""A running job is steered, over sockets and at both vendors: what the sandbox plays from then on is the judge."""

from __future__ import annotations

from typing import Any

from dashboard.events.models import Event
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.rewriting import Line
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import IS_OPEN as ITEM_IS_OPEN
from dashboard.takeover.models import Takeover
from dashboard.takeover.rewriting import Edit, lines_of, proposal_of
from dashboard.takeover.services.pause import pause_script, resume_script
from dashboard.takeover.services.rewrite import rewrite_script
from dashboard.vendors.models import Command, VendorKind
from dashboard.vendors.port_live import Timing
from tests.flows.stage import Stage

SCRIPT = tuple(f"这是第{no}段话术，我们慢慢说给大家听，今天的茶叶真的非常好喝，欢迎品尝。" for no in range(1, 7))
NEW = "这一段换成了新的内容，限时优惠从现在开始，只有今天这一场直播才有。"


async def rewritten(stage: Stage, job: Job, no: int, text: str) -> JobChange:
    """Paragraph `no` is replaced, as somebody does who has seen the difference."""

    def put() -> JobChange:
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        lines = lines_of(row)
        wanted = tuple(
            Line(line.id, line.scene_no, "", text if at == no else line.text) for at, line in enumerate(lines, 1)
        )
        edit = Edit(wanted, row.script_version)
        proposal, _locked = proposal_of(row, edit)
        assert not proposal.too_late
        return rewrite_script(job=row, edit=edit, seen=proposal.digest, user=stage.user, actor=stage.actor)

    change: JobChange = await in_thread(put)
    return change


async def settled(stage: Stage, change: JobChange, state: str, within: float = 15.0) -> JobChange:
    def reached() -> Any:
        row = JobChange.objects.get(pk=change.pk)
        return row if row.state == state else None

    found: JobChange = await stage.until(reached, f"the change is {state}", within)
    return found


def texts(job: Job) -> list[str]:
    return list(job.script.order_by("no").values_list("text", flat=True))


async def test_metastudio_says_the_rewritten_paragraph_and_not_the_former_one(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    change = await rewritten(stage, job, 5, NEW)
    await settled(stage, change, "accepted")
    assert (await in_thread(texts, job))[4] == NEW
    await stage.until_async(lambda: _heard(stage, NEW), "viewers hear the new words", 30)
    assert not await stage.audible(SCRIPT[4])
    # The vendor's own record of the job agrees.
    await stage.until(lambda: Job.objects.get(pk=job.pk).compared_at, "it was compared")
    assert (await stage.fresh(job)).drift == []


async def test_softsugar_says_the_rewritten_paragraph_and_not_the_former_one(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    change = await rewritten(stage, job, 5, NEW)
    assert change.state == "accepted"
    await stage.until_async(lambda: _heard(stage, NEW), "viewers hear the new words", 30)
    assert not await stage.audible(SCRIPT[4])


async def _heard(stage: Stage, text: str) -> bool:
    return bool(await stage.audible(text))


async def test_a_rewrite_whose_answer_is_lost_is_settled_by_the_vendors_record(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    await stage.fault(
        "error",
        vendor="metastudio",
        endpoint="execute_smart_live_command",
        count=1,
        params={"after": True, "status": 502},
    )
    change = await rewritten(stage, job, 6, NEW)
    found = await settled(stage, change, "accepted", 30)
    told = await in_thread(
        lambda: list(Event.objects.filter(kind__startswith="job.change").values_list("kind", "data"))
    )
    assert [kind for kind, _data in told] == ["job.change_asked", "job.change_unsure", "job.changed"]
    assert told[-1][1]["by"] == "record"
    sent = await in_thread(
        lambda: Command.objects.filter(subject=found.subject).values_list("attempts", flat=True).get()
    )
    assert sent == 1


async def test_a_rewrite_that_never_arrived_is_told_and_not_sent_again(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    await stage.fault(
        "error", vendor="metastudio", endpoint="execute_smart_live_command", count=1, params={"status": 502}
    )
    change = await rewritten(stage, job, 6, NEW)
    await settled(stage, change, "unknown")
    await settled(stage, change, "lost", 40)
    assert (await in_thread(texts, job)) == list(SCRIPT)
    assert not await stage.audible(NEW)


async def paused(stage: Stage, job: Job, timing: Timing) -> None:
    await in_thread(lambda: pause_script(job=job, timing=timing, user=stage.user, actor=stage.actor))


async def resumed(stage: Stage, job: Job) -> None:
    await in_thread(lambda: resume_script(job=job, user=stage.user, actor=stage.actor))


async def test_softsugar_says_nothing_of_a_paused_script_and_goes_on_where_it_was(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    await paused(stage, job, Timing.SENTENCE_END)
    await stage.until(lambda: not _open_script(job), "nothing of the script is left at the vendor", 20)
    item = await stage.say(job, NEW)
    await stage.until_item(item, "done")
    assert not await stage.audible(SCRIPT[2])
    heard = len(await stage.audible(SCRIPT[0]))
    await resumed(stage, job)
    await stage.until_async(lambda: _heard(stage, SCRIPT[1]), "the second paragraph is heard", 20)
    assert len(await stage.audible(SCRIPT[0])) == heard


def _open_script(job: Job) -> bool:
    return Takeover.objects.filter(ITEM_IS_OPEN, job=job, source="script").exists()


async def test_metastudio_pauses_its_script_and_goes_on(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    await paused(stage, job, Timing.NOW)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "paused", "the vendor says paused")
    row = await stage.fresh(job)
    assert (row.silenced_at, row.script_paused_at is not None) == (None, True)
    await resumed(stage, job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the vendor says live")
    await stage.until(lambda: (Job.objects.get(pk=job.pk).script_no or 0) > 1, "the script goes on", 20)
