"""A clip on both vendors: heard once, as long as it is; cut by silence, a cancel, or *now*; a broken line is told."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.library.models import Clip
from dashboard.library.services.clips import ClipDraft, add_clip
from dashboard.takeover import ends
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.services import ask, quiet, settle
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import Command, CommandState, VendorKind
from tests.flows.stage import Stage
from tests.sounds import wav

#: A voice is streamed in real seconds; the world around it need not be faster.
SPEED = 2.0
LATER = "放完音频以后，再说这一句话。"


async def a_clip(stage: Stage, seconds: float, name: str = "开场音乐") -> Clip:
    draft = ClipDraft(name, "叮咚，欢迎光临", "a.wav", [wav(seconds)])
    return await in_thread(add_clip, team=stage.team, draft=draft, user=stage.user, actor=stage.actor)


async def play(stage: Stage, job: Job, clip: Clip, mode: Mode = Mode.APPEND, key: str = "") -> Takeover:
    wish = Wish("", mode, kind=Kind.AUDIO, params={"clip": clip.pk})
    who = {"user": stage.user, "actor": stage.actor}
    return await in_thread(ask.request_takeover, job=job, wish=wish, key=key or f"clip-{clip.pk}-{mode}", **who)


async def heard(stage: Stage, item: Takeover) -> list[dict[str, Any]]:
    """What the sandbox's own record says of this item."""
    ref = await in_thread(lambda: Takeover.objects.get(pk=item.pk).vendor_ref or item.trace_id)
    rows = (await stage.control.get("/sandbox/audible")).json()["heard"]
    return [{**row, "seconds": (row["ended_at"] or 1e9) - row["started_at"]} for row in rows if row["ref"] == ref]


async def test_softsugar_hears_a_streamed_clip_whole_and_once(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    clip = await a_clip(stage, 2.0)
    item = await play(stage, job, clip, key="once")
    again = await play(stage, job, clip, key="once")
    assert again.pk == item.pk
    done = await stage.until_item(item, "done", within=40)
    rows = await heard(stage, item)
    assert len(rows) == 1
    assert rows[0]["seconds"] == pytest.approx(2.0 * SPEED, abs=0.25 * SPEED)
    assert done.estimate_ms == 2000
    script = Takeover.objects.filter(job=job, source="script", started_at__gt=done.finished_at)
    await stage.until(lambda: script.all().exists(), "the script goes on", within=25)


async def test_metastudio_fetches_the_clip_and_plays_it_as_long_as_it_is(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.METASTUDIO)
    item = await play(stage, job, await a_clip(stage, 3.0), Mode.NOW)
    await stage.until_item(item, "done", within=25)
    rows = await heard(stage, item)
    assert [row["seconds"] for row in rows] == [pytest.approx(3.0, abs=0.1)]


async def test_a_silence_stops_the_stream(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    item = await play(stage, job, await a_clip(stage, 30.0), Mode.NOW)
    await stage.until_item(item, "playing", within=25)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    await stage.until_item(item, "cancelled")
    await stage.until_async(lambda: _is_over(stage, item), "it is no longer audible")
    assert (await heard(stage, item))[0]["seconds"] < 10 * SPEED


async def _is_over(stage: Stage, item: Takeover) -> bool:
    rows = await heard(stage, item)
    return bool(rows) and rows[0]["ended_at"] is not None


async def test_a_cancel_and_words_said_now_cut_it(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    item = await play(stage, job, await a_clip(stage, 30.0), Mode.NOW)
    await stage.until_item(item, "playing", within=25)
    await in_thread(settle.cancel_takeover, item=await stage.fresh(item), user=stage.user, actor=stage.actor)
    await stage.until_item(item, "cancelled")
    second = await play(stage, job, await a_clip(stage, 30.0, "second"), Mode.NOW)
    await stage.until_item(second, "playing", within=25)
    words = await stage.say(job, LATER, Mode.NOW)
    await stage.until_item(words, "playing", "done", within=20)
    await stage.until_item(second, "cancelled")
    assert len(await stage.audible(LATER)) == 1


async def test_a_refused_cancel_of_a_stream_that_we_ended_is_a_cancel(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We let no more sound out before we ask; a vendor that hears of it later has nothing left to cancel.

    However much of it was heard: as if any part were the better part.
    """
    monkeypatch.setattr(ends, "SURELY_CUT", 0.0)
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    item = await play(stage, job, await a_clip(stage, 30.0), Mode.NOW)
    await stage.until_item(item, "playing", within=25)
    await stage.fault("latency", vendor="softsugar", endpoint="command_cancel", count=1, params={"seconds": 0.5})
    await in_thread(settle.cancel_takeover, item=await stage.fresh(item), user=stage.user, actor=stage.actor)
    await stage.until_item(item, "cancelled")
    await stage.until(lambda: _was_refused("cancel"), "the vendor had nothing to cancel")
    assert (await stage.fresh(item)).state == "cancelled"


def _was_refused(kind: str) -> bool:
    return Command.objects.filter(kind=kind, state=CommandState.REJECTED).exists()


async def test_a_clip_at_the_end_lets_others_finish(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    words = await stage.say(job, LATER)
    item = await play(stage, job, await a_clip(stage, 1.0))
    await stage.until_item(item, "done", within=40)
    first, second = await stage.fresh(words), await stage.fresh(item)
    assert first.state == "done"
    assert first.finished_at <= second.started_at


async def test_a_line_lost_in_the_middle_is_told_and_nothing_is_repeated(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    item = await play(stage, job, await a_clip(stage, 20.0), Mode.NOW)
    await stage.until_item(item, "playing", within=25)
    await stage.fault("drop_socket", vendor="softsugar", params={"abrupt": True})
    failed = await stage.until_item(item, "failed")
    assert failed.error["code"] == "clip_cut"
    assert failed.error["heard"] == "maybe"
    await stage.until(lambda: Job.objects.get(pk=job.pk).link == "up", "the link is up again")
    later = await stage.say(job, LATER)
    await stage.until_item(later, "done", within=40)
    assert len(await heard(stage, item)) == 1


async def test_a_relay_that_dies_leaves_a_cut_clip_not_a_done_one(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    item = await play(stage, job, await a_clip(stage, 20.0), Mode.NOW)
    await stage.until_item(item, "playing", within=25)
    await stage.stop_relays()
    await stage.start_relay()
    await stage.until_item(item, "failed", within=20)
    assert len(await heard(stage, item)) == 1
