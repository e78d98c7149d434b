"""A running job is steered, over sockets and at both vendors: what the sandbox plays from then on is the judge."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.audit.models import AuditEntry
from dashboard.events.models import Event
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.rewriting import Line
from dashboard.jobs.services import reconcile, steer
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.rooms.models import RuleSet
from dashboard.rooms.rules.stored import written
from dashboard.takeover.models import IS_OPEN as ITEM_IS_OPEN
from dashboard.takeover.models import Takeover
from dashboard.takeover.rewriting import Edit, lines_of, proposal_of
from dashboard.takeover.scenes import wish_of_change
from dashboard.takeover.services import ask
from dashboard.takeover.services.cancel_waiting import cancel_waiting
from dashboard.takeover.services.pause import pause_script, resume_script
from dashboard.takeover.services.quiet import silence
from dashboard.takeover.services.rewrite import rewrite_script
from dashboard.vendors.models import Command, VendorKind
from dashboard.vendors.port_live import Timing
from tests import cast as make
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


@pytest.mark.parametrize("vendor", VendorKind)
async def test_what_was_spoken_in_this_loop_is_heard_with_its_new_words_in_the_next(
    stage: Stage, vendor: VendorKind
) -> None:
    job = await stage.on_air(vendor, paragraphs=SCRIPT[:3])
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 2, "the first paragraph was heard", 20)
    change = await rewritten(stage, job, 1, NEW)
    await settled(stage, change, "accepted")
    await stage.until_async(lambda: _heard(stage, NEW), "viewers hear the new words", 40)
    assert [len(await stage.audible(text)) for text in SCRIPT[:3]] == [1, 1, 1]


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


async def test_another_address_is_watched_until_the_picture_is_there(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)
    outputs = [("rtmp://other.talkback.test/live/room", "a-secret-key")]

    def swap() -> JobChange:
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        return steer.change_output(job=row, outputs=outputs, reason="moved", user=stage.user, actor=stage.actor)

    change: JobChange = await in_thread(swap)
    await settled(stage, change, "accepted")
    await stage.until(lambda: JobChange.objects.get(pk=change.pk).seen == "up", "the picture is there", 25)
    row = await in_thread(JobChange.objects.get, pk=change.pk)
    assert "a-secret-key" not in str(row.payload)
    told = await in_thread(
        lambda: list(AuditEntry.objects.filter(action="change_output").values_list("after", flat=True))
    )
    assert "a-secret-key" not in str(told)
    assert told[0]["outputs"] == ["rtmp://other.talkback.test/live/•••"]


async def test_a_layer_is_taken_and_its_object_goes_as_it_is(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)

    def show() -> JobChange:
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        return steer.show_layer(job=row, layer={"layer_id": "price"}, user=stage.user, actor=stage.actor)

    await settled(stage, await in_thread(show), "accepted")


async def test_other_rules_answer_the_audience_from_now_on(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)

    def put() -> JobChange:
        rules = RuleSet.objects.create(
            team=stage.team,
            name="Evening",
            rules=[written(make.rule())],
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        return steer.put_rules_on_air(job=row, rule_set=rules, version=1, user=stage.user, actor=stage.actor)

    await settled(stage, await in_thread(put), "accepted")
    await stage.until(lambda: Job.objects.get(pk=job.pk).compared_at, "it was compared")
    row = await stage.fresh(job)
    assert (len(row.rules), row.drift, row.runs_vendor_rules) == (1, [], True)


async def test_material_is_loaded_ahead(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=SCRIPT)

    def load() -> JobChange:
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        return steer.preload(job=row, files=["file-8", "file-9"], user=stage.user, actor=stage.actor)

    await settled(stage, await in_thread(load), "accepted")


async def test_what_somebody_changed_at_the_vendor_is_told_and_pushed_back(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=SCRIPT)
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    # Somebody else rewrote it: what we hold is not what the vendor runs.
    last = await in_thread(lambda: job.script.order_by("-no").first())
    await in_thread(lambda: type(last).objects.filter(pk=last.pk).update(text=NEW))

    def act(what: str) -> None:
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        if what == "ask":
            reconcile.ask_record(job=row, user=stage.user, actor=stage.actor)
        else:
            reconcile.push_field(job=row, name="script", user=stage.user, actor=stage.actor)

    await in_thread(act, "ask")
    await stage.until(lambda: Job.objects.get(pk=job.pk).drift, "the difference is seen")
    assert [field["name"] for field in (await stage.fresh(job)).drift] == ["script"]
    await in_thread(act, "push")
    await stage.until(lambda: Job.objects.get(pk=job.pk).drift == [], "the vendor runs what stands here")


async def scene(stage: Stage, job: Job, change: dict[str, Any], words: str = "") -> Takeover:
    def ask_it() -> Takeover:
        row = Job.objects.select_related("room", "account").get(pk=job.pk)
        wish = wish_of_change(change, words)
        return ask.request_takeover(job=row, wish=wish, user=stage.user, actor=stage.actor, key="scene-1")

    item: Takeover = await in_thread(ask_it)
    return item


async def test_the_scene_changes_alone_and_the_vendor_took_it(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=SCRIPT)
    item = await scene(stage, job, {"change_bit_rate": 5})
    done = await stage.until_item(item, "done")
    assert done.accepted_at is not None


async def test_the_scene_changes_together_with_words_that_are_heard_once(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=SCRIPT)
    item = await scene(stage, job, {"change_bit_rate": 4}, NEW)
    done = await stage.until_item(item, "done")
    assert done.started_at is not None
    assert len(await stage.audible(NEW)) == 1


async def test_a_digital_human_that_is_not_there_is_refused_with_the_vendors_word(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR, paragraphs=SCRIPT)
    item = await scene(stage, job, {"digital_role": {"file_id": "sandbox-missing"}})
    refused = await stage.until_item(item, "rejected")
    assert refused.error["code"] == "53"


async def with_newer_calls(stage: Stage) -> tuple[Job, Takeover]:
    """A job of an account that has them, with a sentence that the vendor took and nobody heard yet."""
    (await stage.control.put("/sandbox/metastudio", json={"insert_commands": True})).raise_for_status()
    account = stage.accounts[VendorKind.METASTUDIO]
    account.capabilities = {**account.capabilities, "newer_calls": True}
    await in_thread(lambda: account.save(update_fields=["capabilities"]))
    job = await stage.on_air(VendorKind.METASTUDIO, paragraphs=(SCRIPT[0] * 6, *SCRIPT[1:]))
    await stage.until(lambda: Job.objects.get(pk=job.pk).script_no == 1, "the first paragraph plays")
    item = await stage.say(job, NEW)
    return job, await stage.until_item(item, "accepted")


async def test_a_silence_drops_what_was_handed_over_where_the_account_can(stage: Stage) -> None:
    job, item = await with_newer_calls(stage)
    await in_thread(lambda: silence(job=job, user=stage.user, actor=stage.actor))
    await stage.until_item(item, "cancelled")
    assert not await stage.audible(NEW)


async def test_cancel_all_drops_what_was_handed_over_and_the_script_goes_on(stage: Stage) -> None:
    job, item = await with_newer_calls(stage)
    behind = await stage.say(job, "这一句还在我们这里等着，也不要说了。")
    result = await in_thread(lambda: cancel_waiting(job=job, user=stage.user, actor=stage.actor))
    assert {one.pk for one in result.asked} == {item.pk, behind.pk}
    await stage.until_item(item, "cancelled")
    await stage.until_item(behind, "cancelled")
    await stage.until_async(lambda: _heard(stage, SCRIPT[1]), "the script goes on", 60)
    assert not await stage.audible(NEW)
    assert not await stage.audible("也不要说了")
