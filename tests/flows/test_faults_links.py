"""Sockets and channels that drop, die silently, freeze or are refused: words wait, nothing is said twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet
from dashboard.vendors.models import Command, VendorKind
from tests.flows import screens
from tests.flows.stage import Stage

WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
MORE = "左下角小黄车可以领二十元券，十分钟内有效。"
BOTH = pytest.mark.parametrize("vendor", list(VendorKind))


def links(job: Job) -> list[str]:
    """What the relay said of this job's link, in order; attempts to open it left out."""
    told = Event.objects.filter(job_id=job.pk, kind="job.link").order_by("id").values_list("data__link", flat=True)
    return [link for link in told if link != "connecting"]


def edges(job: Job) -> list[str]:
    """The same without *stale*, which comes first where a ping meets the cut before the reader does."""
    return [link for link in links(job) if link != "stale"]


async def once(stage: Stage, item: Takeover, words: str) -> None:
    assert len(await stage.audible(words)) == 1
    attempts = Command.objects.filter(trace_id=item.trace_id).values_list("attempts", flat=True)
    assert await in_thread(lambda: sum(attempts)) == 1


# ------------------------------------------------------------------------ dropped


@pytest.mark.parametrize(
    ("vendor", "params"),
    [(VendorKind.METASTUDIO, {"code": 1012}), (VendorKind.SOFTSUGAR, {"abrupt": True})],
    ids=["clean close", "cut"],
)
async def test_a_dropped_socket_is_told_and_opened_again(stage: Stage, vendor: str, params: dict[str, Any]) -> None:
    job = await stage.on_air(vendor)
    first = await stage.say(job, WORDS)
    await stage.until_item(first, "queued", "playing", "accepted")
    await stage.fault("drop_socket", vendor=vendor, params=params)
    await stage.until(lambda: edges(job) == ["up", "down", "up"], "down, and up again")
    second = await stage.say(job, MORE)
    await stage.until_item(first, "done", within=25)
    await stage.until_item(second, "done", within=25)
    await once(stage, first, WORDS)
    await once(stage, second, MORE)
    seen = await screens.room(job)
    assert (seen.link, seen.why) == ("up", "Calm")
    assert "takeover channel down" in seen.history
    assert "takeover channel up" in seen.history


async def test_words_wait_for_a_link_that_cannot_be_opened_and_the_wall_says_so(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    fault = await stage.fault("refuse", vendor="softsugar", endpoint="takeover_socket")
    await stage.fault("drop_socket", vendor="softsugar", params={"abrupt": True})
    await stage.until(lambda: Job.objects.get(pk=job.pk).link != "up", "the link is gone")
    item = await stage.say(job, WORDS)
    await stage.until(lambda: "waits for the takeover channel" in screens.item_now(item).facts, "the row says why")
    assert (await screens.item(item)).chip.word == "WAITING"
    later = await screens.room(job, later_s=11)
    assert (later.why, later.need) == ("The takeover channel is down; words wait here", "warn")
    (await stage.control.delete(f"/sandbox/faults/{fault}")).raise_for_status()
    await stage.until_item(item, "done", within=25)
    await once(stage, item, WORDS)


async def test_silence_does_not_wait_for_a_channel_that_is_down(stage: Stage) -> None:
    """Pausing needs the channel; the silent clip goes over HTTP and cuts in at once. The pause follows when it can."""
    job = await stage.on_air(VendorKind.METASTUDIO)
    fault = await stage.fault("refuse", vendor="metastudio", endpoint="rtc_command")
    await stage.fault("drop_socket", vendor="metastudio", params={"abrupt": True})
    await stage.until(lambda: Job.objects.get(pk=job.pk).link != "up", "the channel is gone")
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    clips = Command.objects.filter(job_id=job.pk, kind="clip")
    await stage.until(lambda: clips.filter(state="accepted").exists(), "the silent clip is at the vendor")
    heard = await stage.audible("")
    assert any(row["cut"] for row in heard)
    assert "silence accepted by the vendor" in (await screens.room(job)).history
    (await stage.control.delete(f"/sandbox/faults/{fault}")).raise_for_status()
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "paused", "the script is paused after all")
    assert await in_thread(clips.count) == 1


async def test_a_vendors_queue_survives_the_socket_and_is_read_before_the_next_word(stage: Stage) -> None:
    """What was queued and heard while nobody listened is found out by asking, not sent again (B42)."""
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "queued", "playing")
    fault = await stage.fault("refuse", vendor="softsugar", endpoint="takeover_socket")
    await stage.fault("drop_callback", vendor="softsugar")
    await stage.fault("drop_socket", vendor="softsugar", params={"abrupt": True})

    async def heard() -> bool:
        return bool([row for row in await stage.audible(WORDS) if row["ended_at"] is not None])

    await stage.until_async(heard, "it was heard to its end")
    await stage.until(lambda: _is_settled(item), "its last step is no longer of this very second")
    (await stage.control.delete(f"/sandbox/faults/{fault}")).raise_for_status()
    ended = await stage.until_item(item, "done", "unknown", within=25)
    assert ended.state == "done" or ended.unknown_reason == "left_queue"
    await once(stage, item, WORDS)


def _is_settled(item: Takeover) -> bool:
    """A queue is not compared with what was told less than a second before it was asked for."""
    row = Takeover.objects.get(pk=item.pk)
    return clock.now() - max(filter(None, [row.queued_at, row.started_at])) > timedelta(seconds=1.2)


# ------------------------------------------------------------------------ half open


@BOTH
async def test_a_half_open_socket_is_dead_after_two_lost_pings_and_opened_again(
    stage: Stage, settings: Any, vendor: str
) -> None:
    """Ten times as fast as on air: 0.5 s, then 0.25 s for each of two pings; 10 s from the last sign of life."""
    job = await stage.on_air(vendor)
    await stage.fault("half_open", vendor=vendor)
    await stage.until(lambda: links(job)[:2] == ["up", "stale"], "one ping is lost")
    item = await stage.say(job, WORDS)
    await stage.until(lambda: links(job) == ["up", "stale", "down", "up"], "dead, and opened again")
    stale, down = await in_thread(
        lambda: list(Event.objects.filter(job_id=job.pk, data__link__in=["stale", "down"]).order_by("id"))
    )
    assert (down.at - stale.at).total_seconds() < settings.LINK_PING_EVERY_S
    await stage.until_item(item, "done", within=25)
    await once(stage, item, WORDS)
    assert (await stage.fresh(item)).timeout_at is None  # nothing was written into the dead link


# ------------------------------------------------------------------------ frozen


@pytest.mark.parametrize(("vendor", "world"), [(VendorKind.METASTUDIO, True), (VendorKind.SOFTSUGAR, False)])
async def test_a_frozen_vendor_is_waited_for_and_nothing_is_said_twice(stage: Stage, vendor: str, world: bool) -> None:
    job = await stage.on_air(vendor)
    said = await stage.say(job, WORDS)
    await stage.until(lambda: Takeover.objects.get(pk=said.pk).claimed_at, "it left")
    freeze = await stage.fault("freeze", vendor=vendor, params={"world": world})
    account = stage.accounts[vendor]
    await stage.until(lambda: screens.account_now(account).health == "unreachable", "the account does not answer")
    frozen = await screens.room(job)
    assert (frozen.air, frozen.need) == ("ON AIR", "warn")
    assert frozen.why in (f"{account.name} does not answer", "1 sentence of unknown outcome")
    held = await stage.say(job, MORE)
    (await stage.control.delete(f"/sandbox/faults/{freeze}")).raise_for_status()
    await stage.until(lambda: screens.account_now(account).health == "ok", "it answers again")
    await stage.until_item(said, "done", "unknown", within=25)
    await stage.until_item(held, "done", "unknown", within=25)
    for item, words in ((said, WORDS), (held, MORE)):
        heard = len(await stage.audible(words))
        assert heard <= 1
        assert heard == 1 or (await stage.fresh(item)).state == "unknown"


# ------------------------------------------------------------------------ refused, expired


async def test_an_expired_rtc_signature_is_read_again_and_the_channel_opened_with_it(stage: Stage) -> None:
    """Close code 4401: the old signature opens nothing any more, the job itself tells a new one (A15)."""
    job = await stage.on_air(VendorKind.METASTUDIO)
    old = (await stage.fresh(job)).rtc
    await stage.fault("expire_tokens", vendor="metastudio")
    await stage.until(lambda: edges(job) == ["up", "down", "up"], "refused once, then open again")
    assert (await stage.fresh(job)).rtc != old
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done", within=25)
    assert done.started_at is not None  # only the channel tells this
    await once(stage, item, WORDS)


async def test_a_refused_session_token_is_read_again_and_the_socket_opened_with_it(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await in_thread(_spoil_token, job)
    await stage.fault("drop_socket", vendor="softsugar", params={"abrupt": True})
    await stage.until(lambda: Job.objects.get(pk=job.pk).session_token == job.session_token, "the token is read again")
    await stage.until(lambda: links(job)[-1] == "up", "open again")
    assert (await in_thread(links, job)).count("up") == 2  # a socket that is refused by its first frame was never up
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done", within=25)
    await once(stage, item, WORDS)


def _spoil_token(job: Job) -> None:
    row = Job.objects.get(pk=job.pk)
    row.session_token = "no longer valid"
    row.save(update_fields=["session_token"])


async def test_a_socket_that_is_refused_once_is_opened_again(stage: Stage) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    await stage.fault("expire_tokens", vendor="softsugar", endpoint="takeover_socket", count=1)
    await stage.fault("drop_socket", vendor="softsugar", params={"abrupt": True})
    await stage.until(lambda: links(job)[1:2] == ["down"] and links(job)[-1] == "up", "refused, then open again")
    assert (await in_thread(links, job)).count("up") == 2
    assert (await stage.control.get("/sandbox/faults")).json()["faults"] == []  # it was met
    assert (await screens.account(stage.accounts[VendorKind.SOFTSUGAR])).health == "ok"
