"""`unknown` is never sent again by itself, and settles only by what the vendor tells (docs/live.md)."""

from __future__ import annotations

from dashboard.events.models import Event
from dashboard.lib.threads import in_thread
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode
from dashboard.vendors.models import Command, VendorKind
from tests.flows.stage import Stage

WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
MORE = "左下角小黄车可以领二十元券，十分钟内有效。"


def sayings(item: Takeover) -> int:
    """How often this sentence left us, by the outbox's own count."""
    return sum(Command.objects.filter(trace_id=item.trace_id).values_list("attempts", flat=True))


def _is_ahead(job_id: int) -> bool:
    return Takeover.objects.filter(job_id=job_id, source="script", queued_at__isnull=False).count() >= 2


async def test_a_swallowed_frame_stays_unknown_and_is_never_heard(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await stage.until(lambda: _is_ahead(job.pk), "one paragraph plays, the next one waits at the vendor")
    await stage.fault("swallow_frame", vendor="softsugar", session=job.vendor_ref, count=1)
    item = await stage.say(job, WORDS)
    unknown = await stage.until_item(item, "unknown")
    assert unknown.unknown_reason == "timeout"
    # The vendor's queue was read: absence proves nothing, so it stays unknown while the script goes on.
    before = await stage.until(lambda: Takeover.objects.filter(job=job, source="script").count(), "script")
    await stage.until(lambda: Takeover.objects.filter(job=job, source="script").count() > before, "the script goes on")
    again = await stage.fresh(item)
    assert again.state == "unknown"
    assert await stage.audible(WORDS) == []
    await stage.until(lambda: sayings(item) == 1, "it left once")


async def test_swallowed_notices_are_found_in_the_vendors_queue(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await stage.until(lambda: _is_ahead(job.pk), "one paragraph plays, the next one waits at the vendor")
    await stage.fault("swallow_notices", vendor="softsugar", session=job.vendor_ref, count=1)
    item = await stage.say(job, WORDS)
    seen = await stage.until_item(item, "queued", "unknown", "done")
    settled = await stage.until_item(item, "unknown", "done", within=25) if seen.state == "queued" else seen
    assert settled.unknown_reason in ("left_queue", "timeout", "")
    await stage.until(lambda: sayings(item) == 1, "it left once")
    assert len(await stage.audible(WORDS)) == 1


async def test_a_socket_that_drops_after_the_frame_settles_by_queue_and_notices(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await stage.until(lambda: _is_ahead(job.pk), "one paragraph plays, the next one waits at the vendor")
    await stage.fault(
        "drop_socket", vendor="softsugar", session=job.vendor_ref, count=1, params={"after_frame": True, "abrupt": True}
    )
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done", within=25)
    assert done.started_at is not None or done.unknown_reason != ""
    assert len(await stage.audible(WORDS)) == 1
    await stage.until(lambda: sayings(item) == 1, "it left once")


async def test_a_lost_answer_settles_by_the_one_unmatched_reply(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    await stage.fault(
        "refuse", vendor="metastudio", endpoint="execute_smart_live_command", count=1, params={"after": True}
    )
    item = await stage.say(job, WORDS)
    unknown = await stage.until_item(item, "unknown", "done")
    assert unknown.unknown_reason in ("broken_connection", "timeout")
    done = await stage.until_item(item, "done", within=25)
    assert done.vendor_ref != ""
    assert len(await stage.audible(WORDS)) == 1
    await stage.until(lambda: sayings(item) == 1, "it left once")


async def test_two_unknowns_are_not_guessed(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    await stage.fault(
        "refuse", vendor="metastudio", endpoint="execute_smart_live_command", count=2, params={"after": True}
    )
    first = await stage.say(job, WORDS)
    await stage.until_item(first, "unknown", "done")
    # *Now* does not wait for the slot that the doubtful one holds.

    second = await stage.say(job, MORE, mode=Mode.NOW)
    await stage.until_item(second, "unknown")
    await stage.until(lambda: Takeover.objects.get(pk=second.pk).state == "unknown", "still unknown")
    heard = await stage.audible(MORE)
    assert len(heard) == 1
    assert (await stage.fresh(first)).state == "unknown"
    assert (await stage.fresh(second)).state == "unknown"


async def test_a_reply_of_the_vendors_rule_is_not_taken_for_ours(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    room = await stage.room(VendorKind.METASTUDIO)
    await in_thread(Room.objects.filter(pk=room.pk).update, rules_at_vendor="theirs")
    job = await stage.on_air(VendorKind.METASTUDIO, room=room)
    await stage.fault(
        "refuse", vendor="metastudio", endpoint="execute_smart_live_command", count=1, params={"after": True}
    )
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "unknown")
    await stage.until(lambda: _heard_to_the_end(job.pk), "the vendor told the end of something", within=20)
    assert (await stage.fresh(item)).state == "unknown"
    assert len(await stage.audible(WORDS)) == 1


def _heard_to_the_end(job_id: int) -> bool:
    return Event.objects.filter(job_id=job_id, kind="item.finished", outcome="waiting").exists()
