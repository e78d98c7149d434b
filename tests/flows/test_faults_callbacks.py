"""Callbacks that come twice, late, in another order, forged or never; sessions and sentences that the vendor ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.audit.models import AuditEntry
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import VendorKind
from tests.flows import screens
from tests.flows.stage import Stage

SPEED = 14.0
WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
MORE = "左下角小黄车可以领二十元券，十分钟内有效。"
FINISH = "REPLY_COMMAND_FINISH"
BOTH = pytest.mark.parametrize("vendor", list(VendorKind))
METASTUDIO, SOFTSUGAR = VendorKind.METASTUDIO, VendorKind.SOFTSUGAR


def events(job: Job, kind: str, trace_id: str = "") -> list[Event]:
    found = Event.objects.filter(job_id=job.pk, kind=kind).order_by("id")
    return list(found.filter(data__trace_id=trace_id) if trace_id else found)


async def sent(stage: Stage, job: Job, event: str) -> list[dict[str, Any]]:
    """Every try of a callback of that job, as the vendor made it."""
    rows = (await stage.control.get(f"/sandbox/callbacks?session={job.vendor_ref}")).json()["callbacks"]
    return [row for row in rows if row["event"] == event]


# --------------------------------------------------------------------------------------------------------- duplicated


async def test_metastudios_duplicates_are_acknowledged_and_change_nothing(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("duplicate_callback", vendor="metastudio", params={"times": 3})
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done")
    await stage.until_async(lambda: _has(stage, job, FINISH, 3), "it came three times")
    assert [row["status"] for row in await sent(stage, job, FINISH)] == [200, 200, 200]
    assert len(await in_thread(events, job, "item.finished")) == 1
    positions = await in_thread(events, job, "job.script_position")
    assert len({event.dedupe_key for event in positions}) == len(positions)
    assert (await screens.item(done)).chip.word == "DONE"


async def test_softsugars_duplicates_and_the_same_words_by_socket_are_one_event_each(stage: Stage) -> None:
    job = await stage.on_air(SOFTSUGAR)
    await stage.fault("duplicate_callback", vendor="softsugar", params={"times": 2})
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done")
    await stage.until_async(lambda: _has(stage, job, "37", 2), "its end came by callback too, twice")
    assert {row["status"] for row in await sent(stage, job, "37")} == {200}
    for kind in ("item.queued", "item.started", "item.finished"):
        assert len(await in_thread(events, job, kind, item.trace_id)) == 1


async def _has(stage: Stage, job: Job, event: str, count: int) -> bool:
    return len(await sent(stage, job, event)) >= count


# --------------------------------------------------------------------------------------------------------------- late


async def test_a_late_finish_is_waited_for_and_believed(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("delay_callback", vendor="metastudio", endpoint=FINISH, params={"seconds": 0.8})
    item = await stage.say(job, WORDS)

    async def heard() -> bool:
        return bool([row for row in await stage.audible(WORDS) if row["ended_at"] is not None])

    await stage.until_async(heard, "it was heard to its end")
    before = await screens.item(item)
    assert before.chip.word == "ACCEPTED"
    assert ("playing", "not reported") in [(step.name, step.note) for step in before.steps]
    await stage.until_item(item, "done")


async def test_a_late_ready_of_a_job_that_runs_pulls_nothing_back(stage: Stage) -> None:
    await stage.fault("delay_callback", vendor="softsugar", endpoint="35", params={"seconds": 0.8})
    job = await stage.on_air(SOFTSUGAR)
    await stage.until_async(lambda: _has(stage, job, "35", 1), "it came at last")
    assert (await sent(stage, job, "35"))[0]["status"] == 200
    assert (await screens.room(job)).air == "ON AIR"


# ---------------------------------------------------------------------------------------------------------- reordered


async def test_steps_in_another_order_end_in_the_same_state(stage: Stage) -> None:
    """Only the callbacks tell: the socket is gone after the sentence left. 37 comes before 36."""
    job = await stage.on_air(SOFTSUGAR)
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "queued", "playing")
    await stage.fault("reorder_callback", vendor="softsugar", endpoint="36")
    await stage.fault("refuse", vendor="softsugar", endpoint="takeover_socket")
    await stage.fault("refuse", vendor="softsugar", endpoint="queue_list")
    await stage.fault("drop_socket", vendor="softsugar", params={"abrupt": True})
    await stage.until_item(item, "done", within=25)
    await stage.until_async(lambda: _has(stage, job, "37", 1), "37 came")
    assert (await screens.item(item)).chip.word == "DONE"
    assert len(await stage.audible(WORDS)) == 1


async def test_a_finish_behind_a_later_event_is_still_its_own(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("reorder_callback", vendor="metastudio", endpoint=FINISH)
    first = await stage.say(job, WORDS)
    second = await stage.say(job, MORE)
    await stage.until_item(first, "done", within=25)
    await stage.until_item(second, "done", within=25)
    assert [len(await stage.audible(words)) for words in (WORDS, MORE)] == [1, 1]


# ------------------------------------------------------------------------------------------------------------- forged


@BOTH
async def test_a_forged_callback_is_refused_counted_and_changes_nothing(stage: Stage, vendor: str) -> None:
    """It claims an end, with a signature that is not the vendor's; the genuine ones behind it are believed."""
    job = await stage.on_air(vendor)
    claim = {"sessionId": job.vendor_ref, "status": 5}
    if vendor == METASTUDIO:
        message = f'{{"job_id":"{job.vendor_ref}","state":"DISCONNECTED"}}'
        claim = {"event_type": "RTMP_STREAM_STATE_CHANGE", "message": message}
    await stage.fault("forge_callback", vendor=vendor, params={"body": claim})
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done")

    async def both() -> bool:
        rows = (await stage.control.get(f"/sandbox/callbacks?session={job.vendor_ref}")).json()["callbacks"]
        assert {row["status"] for row in rows if row["forged"]} <= {401}
        assert {row["status"] for row in rows if not row["forged"]} <= {200}
        return {row["forged"] for row in rows} == {True, False}

    await stage.until_async(both, "forged ones came, and genuine ones")
    seen = await screens.room(job)
    assert (seen.air, seen.need != "crit") == ("ON AIR", True)
    audit = await in_thread(lambda: list(AuditEntry.objects.filter(action="callback")))
    assert [row.result for row in audit] == ["refused: signature"]
    assert not await in_thread(events, job, "job.unrecognised")
    assert (await stage.fresh(job)).state == "live"


# ------------------------------------------------------------------------------------------------------------ dropped


@BOTH
async def test_without_any_callback_the_listing_and_the_link_tell_the_same(stage: Stage, vendor: str) -> None:
    await stage.fault("drop_callback", vendor=vendor)
    job = await stage.on_air(vendor)
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done")
    await stage.stop(job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "ended", "the end is found by asking")
    assert (await screens.room(job)).air == "ENDED"
    assert len(await stage.audible(WORDS)) == 1


async def test_a_finish_that_never_comes_is_called_unknown_and_not_done(stage_without_channel: Stage) -> None:
    """Without the channel nobody else tells the end of a sentence; after its time the row says so."""
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("drop_callback", vendor="metastudio", endpoint=FINISH)
    item = await stage.say(job, WORDS)

    async def heard() -> bool:
        return bool([row for row in await stage.audible(WORDS) if row["ended_at"] is not None])

    await stage.until_async(heard, "it was heard to its end")
    await in_thread(lambda: Takeover.objects.filter(pk=item.pk).update(due_at=clock.now()))
    await stage.until_item(item, "unknown")
    seen = await screens.item(item)
    assert seen.notice.text.startswith("The vendor reported no end for it.")
    assert len(await stage.audible(WORDS)) == 1


# ------------------------------------------------------------------------------------ ended by the vendor, broken off


@pytest.mark.parametrize(
    ("vendor", "status", "state", "air", "sentence"),
    [
        (SOFTSUGAR, 5, "ended", "ENDED", ""),
        (SOFTSUGAR, 9, "failed", "FAILED", "SoftSugar reports a fault in the live session."),
        (SOFTSUGAR, 99, "failed", "FAILED", "SoftSugar could not initialise the live session."),
        (SOFTSUGAR, 50, "lost", "FAILED", "SoftSugar closed the session: no heartbeat reached it, or its network"),
        (METASTUDIO, "SUCCEED", "ended", "ENDED", ""),
        (METASTUDIO, "FAILED", "failed", "FAILED", ""),
        (METASTUDIO, "BLOCKED", "blocked", "BLOCKED", "MetaStudio's content review has blocked the live room."),
    ],
)
async def test_a_session_that_the_vendor_ends_is_told_with_its_reason(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, vendor: str, status: object, state: str, air: str, sentence: str
) -> None:
    monkeypatch.setattr("dashboard.live.relay.polls.LISTING_SETTLES", timedelta(seconds=0.5))
    job = await stage.on_air(vendor)
    first = await stage.say(job, WORDS)
    await stage.until_item(first, "queued", "accepted", "playing")
    await stage.fault("session_end", vendor=vendor, params={"status": status})
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == state, f"the job is {state}")
    seen = await screens.room(job)
    assert seen.air == air
    assert seen.why.startswith(sentence)
    assert (seen.need == "crit") == (air != "ENDED")
    ended = await stage.until_item(first, "cancelled", "unknown", "done", "failed")
    heard = await stage.audible(WORDS)
    assert len(heard) <= 1
    if ended.state == "done":
        assert not heard[0]["cut"]


async def test_a_takeover_that_the_vendor_breaks_off_says_why_and_the_next_one_is_heard(stage: Stage) -> None:
    job = await stage.on_air(SOFTSUGAR)
    item = await stage.say(job, WORDS * 3)
    await stage.until_item(item, "playing", within=25)
    await stage.fault("takeover_fails", vendor="softsugar", params={"reason": "算法异常"})
    await stage.until_item(item, "failed")
    seen = await screens.item(item)
    assert seen.chip.word == "FAILED"
    assert str(seen.notice) == (
        "SoftSugar could not play this takeover. Viewers may have heard part of it."
        " Check the text and say it again. (SoftSugar 39)"
    )
    assert seen.notice.detail == "算法异常"
    after = await stage.say(job, MORE)
    await stage.until_item(after, "done", within=25)
    assert [len(await stage.audible(words)) for words in (WORDS, MORE)] == [1, 1]
    assert (await screens.room(job)).air in ("ON AIR", "TALKBACK")
