"""Calls that are slow, refused, cut or never answered: what may go again goes, what may have happened never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet
from dashboard.takeover.states import Mode
from dashboard.vendors import http as vendor_http
from dashboard.vendors.models import Command, RateWindow, VendorKind
from tests.flows import screens
from tests.flows.stage import Stage, open_stage

SPEED = 14.0
WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
SAY = "execute_smart_live_command"
START = {VendorKind.METASTUDIO: "start_smart_live_job", VendorKind.SOFTSUGAR: "channel_create"}
STOP = {VendorKind.METASTUDIO: "stop_smart_live_job", VendorKind.SOFTSUGAR: "channel_close"}
METASTUDIO, SOFTSUGAR = VendorKind.METASTUDIO, VendorKind.SOFTSUGAR
BOTH = pytest.mark.parametrize("vendor", [METASTUDIO, SOFTSUGAR])
#: Ways to lose the answer of a call whose effect happened, and of one that had none.
AFTER: list[tuple[str, dict[str, Any]]] = [
    ("refuse", {"after": True}),
    ("timeout_after", {}),
    ("error", {"status": 502, "after": True}),
]
BEFORE: list[tuple[str, dict[str, Any]]] = [("refuse", {}), ("timeout_before", {}), ("error", {"status": 502})]


@pytest.fixture
async def stage_of_new_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Each call opens a connection of its own, so that a closed port is met at once."""
    monkeypatch.setattr(vendor_http, "LIMITS", httpx.Limits(max_connections=8, max_keepalive_connections=0))
    async with open_stage(tmp_path, command_channel=False) as opened:
        yield opened


def in_turn(ways: list[tuple[str, dict[str, Any]]], first: VendorKind) -> Any:
    """Each way once, at one vendor and the other in turn: how a call may fail is decided in one place for both."""
    both = [first, SOFTSUGAR if first == METASTUDIO else METASTUDIO]
    cases = [(both[number % 2], *way) for number, way in enumerate(ways)]
    return pytest.mark.parametrize(("vendor", "kind", "params"), cases, ids=lambda one: str(one))


def attempts(row: Takeover | Job, kind: str) -> int:
    """How often a call left us, by the outbox's own count."""
    about = {"trace_id": row.trace_id} if isinstance(row, Takeover) else {"job_id": row.pk}
    return sum(Command.objects.filter(kind=kind, **about).values_list("attempts", flat=True))


async def sessions(stage: Stage, vendor: str) -> int:
    """How many live sessions the vendor has ever opened: its own count, running and ended."""
    told = (await stage.control.get("/sandbox/state")).json()["accounts"][vendor]
    return len(told["sessions"]) + sum(told["ended"].values())


# ------------------------------------------------------------------------ latency


@BOTH
async def test_slow_answers_hold_nothing_up(stage: Stage, vendor: str) -> None:
    """A quarter of the patience of a call: a start and a sentence take longer, and happen once."""
    room = await stage.room(vendor)
    await stage.fault("latency", vendor=vendor, params={"seconds": 0.25})
    job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the job is live")
    await stage.until(lambda: Job.objects.get(pk=job.pk).link == "up", "the link is up")
    item = await stage.say(await stage.fresh(job), WORDS)
    await stage.until_item(item, "done")
    assert (await stage.until(lambda: attempts(item, "say"), "it left")) == 1
    assert len(await stage.audible(WORDS)) == 1
    assert (await screens.account(stage.accounts[vendor])).health == "ok"


# ------------------------------------------------------------------------ a start is doubtful


@in_turn(AFTER, SOFTSUGAR)
async def test_a_start_whose_answer_is_lost_is_found_and_not_started_twice(
    stage: Stage, vendor: str, kind: str, params: dict[str, Any]
) -> None:
    room = await stage.room(vendor)
    await stage.fault(kind, vendor=vendor, endpoint=START[VendorKind(vendor)], count=1, params=params)
    job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "it was found and is live")
    assert (await stage.until(lambda: attempts(job, "create"), "it left")) == 1
    assert await sessions(stage, vendor) == 1
    seen = await screens.room(job)
    assert (seen.air, seen.why) == ("ON AIR", "Calm")
    assert any("start without an answer" in text for text in seen.history)


@in_turn(BEFORE, METASTUDIO)
async def test_a_start_that_never_arrived_says_so_and_is_not_repeated(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, vendor: str, kind: str, params: dict[str, Any]
) -> None:
    monkeypatch.setattr("dashboard.live.relay.lost_starts.CREATE_GRACE_S", 0.6)
    room = await stage.room(vendor)
    await stage.fault(kind, vendor=vendor, endpoint=START[VendorKind(vendor)], count=1, params=params)
    job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "unknown", "nobody knows")
    doubt = await screens.room(job)
    assert (doubt.air, doubt.why, doubt.need) == ("UNKNOWN", "We do not know whether this room runs", "unknown")
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "failed", "two listings do not hold it")
    seen = await screens.room(job)
    assert seen.air == "FAILED"
    assert seen.why.startswith("The start did not reach the vendor. Nothing is on air. Start again.")
    assert (await stage.until(lambda: attempts(job, "create"), "it left")) == 1
    assert await sessions(stage, vendor) == 0


# ------------------------------------------------------------------------ a sentence is doubtful


@pytest.mark.parametrize(("kind", "params"), AFTER, ids=lambda one: str(one))
async def test_a_sentence_whose_answer_is_lost_is_unknown_then_settled_by_its_end(
    stage_without_channel: Stage, kind: str, params: dict[str, Any]
) -> None:
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    await stage.fault(kind, vendor="metastudio", endpoint=SAY, count=1, params=params)
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done", within=25)
    assert done.timeout_at is not None
    assert len(await stage.audible(WORDS)) == 1
    assert (await stage.until(lambda: attempts(item, "say"), "it left")) == 1


@pytest.mark.parametrize(("kind", "params"), BEFORE, ids=lambda one: str(one))
async def test_a_sentence_that_may_have_arrived_stays_unknown_and_is_never_sent_again(
    stage_without_channel: Stage, kind: str, params: dict[str, Any]
) -> None:
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    await stage.fault(kind, vendor="metastudio", endpoint=SAY, count=1, params=params)
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "unknown")
    seen = await screens.item(item)
    assert seen.chip.word == "UNKNOWN"
    assert seen.notice.text.endswith("We do not know if viewers heard this. Listen, then choose.")
    assert seen.again_url
    assert seen.spoken_url
    room = await screens.room(job)
    assert (room.why, room.need) == ("1 sentence of unknown outcome", "warn")
    other = await stage.say(job, "这一句在它之后，照样播出一次就好。", mode=Mode.NOW)
    await stage.until_item(other, "done", within=25)
    assert await stage.audible(WORDS) == []
    assert (await stage.fresh(item)).state == "unknown"
    assert (await stage.until(lambda: attempts(item, "say"), "it left")) == 1


# ------------------------------------------------------------------------ the vendor says "later" or "no"


@pytest.mark.parametrize(("status", "code"), [(503, "MSS.00020008"), (429, "")])
async def test_later_waits_says_so_and_goes_once(stage_without_channel: Stage, status: int, code: str) -> None:
    """A documented 503 and a plain 429: nothing happened there, so it goes again by itself."""
    stage = stage_without_channel
    job = await stage.on_air(VendorKind.METASTUDIO)
    body = {"error_code": code, "error_msg": "later"} if code else {}
    fault = await stage.fault("error", vendor="metastudio", endpoint=SAY, params={"status": status, "body": body})
    item = await stage.say(job, WORDS)
    await stage.until(lambda: screens.item_now(item).facts[2:], "the row says why it waits")
    seen = await screens.item(item)
    assert seen.chip.word == "WAITING"
    assert seen.facts[-1] == ("the vendor asked to wait" if code else "waits for the vendor's rate limit")
    (await stage.control.delete(f"/sandbox/faults/{fault}")).raise_for_status()
    await stage.until(lambda: _no_more_waiting(item), "its time is shortened")
    done = await stage.until_item(item, "done", within=25)
    assert done.unknown_reason == ""
    assert len(await stage.audible(WORDS)) == 1


def _no_more_waiting(item: Takeover) -> bool:
    """The vendor's seconds are not waited for in a test."""
    RateWindow.objects.update(closed_until=None)
    return bool(Command.objects.filter(trace_id=item.trace_id, state="ready").update(not_before=None))


async def test_a_softsugar_call_that_is_throttled_goes_again(stage: Stage) -> None:
    room = await stage.room(VendorKind.SOFTSUGAR)
    await stage.fault("error", vendor="softsugar", endpoint="channel_create", count=1, params={"status": 429})
    job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the job is live")
    assert await sessions(stage, "softsugar") == 1


async def test_a_closed_port_sends_nothing_and_waits(stage_of_new_connections: Stage) -> None:
    """Only this is known not to have left: the sentence waits, says why, and is heard once."""
    stage = stage_of_new_connections
    job = await stage.on_air(VendorKind.METASTUDIO)
    await stage.fault("refuse", for_s=1.2, params={"listen": True})
    item = await stage.say(job, WORDS)
    await stage.until(
        lambda: "waits for the vendor's address to answer" in screens.item_now(item).facts, "the row says why"
    )
    done = await stage.until_item(item, "done", within=25)
    assert (done.unknown_reason, done.timeout_at) == ("", None)
    assert len(await stage.audible(WORDS)) == 1


# ------------------------------------------------------------------------ a stop


@in_turn([*AFTER, *BEFORE], METASTUDIO)
async def test_a_stop_is_repeated_until_the_vendor_ended(
    stage: Stage, vendor: str, kind: str, params: dict[str, Any]
) -> None:
    """Harmless to repeat, so the one call that goes again by itself."""
    job = await stage.on_air(vendor)
    await stage.fault(kind, vendor=vendor, endpoint=STOP[VendorKind(vendor)], count=1, params=params)
    await stage.stop(job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "ended", "the job ended")
    seen = await screens.room(job)
    assert seen.air == "ENDED"
    assert (await stage.fresh(job)).end_reason == "asked"


# ------------------------------------------------------------------------ a silence


@pytest.mark.parametrize(("kind", "params"), [AFTER[0], BEFORE[2]], ids=lambda one: str(one))
async def test_a_silence_without_an_answer_goes_again_until_it_is_taken(
    stage: Stage, kind: str, params: dict[str, Any]
) -> None:
    job = await stage.on_air(SOFTSUGAR)
    item = await stage.say(job, WORDS * 3)
    await stage.until_item(item, "playing", within=25)
    # From here on as slow as in life: the sentence must outlast the second try on a busy machine too.
    await stage.control.put("/sandbox/clock", json={"speed": 0.5})
    await stage.fault(kind, vendor="softsugar", endpoint="command_cancel", count=1, params=params)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    await stage.until_item(item, "cancelled")
    await stage.until(
        lambda: "silence accepted by the vendor" in screens.room_now(job).history, "the vendor took it", within=25
    )
    heard = await stage.audible(WORDS)
    assert [row["cut"] for row in heard] == [True]
    assert (await screens.room(job)).why == "Silent by intent"


async def test_a_silent_clip_without_an_answer_goes_again(stage_without_channel: Stage) -> None:
    """Twice silent is no harm; it is the one thing to be heard that is repeated."""
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("timeout_before", vendor="metastudio", endpoint=SAY, count=1)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    await stage.until(lambda: "silence accepted by the vendor" in screens.room_now(job).history, "the vendor took it")
    assert (await stage.until(lambda: attempts(job, "clip"), "it left")) == 2
