"""A person speaks by microphone, over both vendors: heard, confirmed, refused, silenced, cut off, lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.accounts import services as accounts
from dashboard.accounts.access import actor_of
from dashboard.accounts.models import Member
from dashboard.audit.trail import CONSOLE
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.live.relay import talk as relay_talk
from dashboard.live.relay.keepers import HERE
from dashboard.live.talk import seat
from dashboard.takeover.models import Floor, Takeover
from dashboard.takeover.services import floor, quiet
from dashboard.vendors.models import Command, VendorKind
from tests.flows import relay_process
from tests.flows.microphone import FRAME, SILENCE, armed, at_the_door, sound
from tests.flows.stage import Stage, open_stage

SPEED = 1.0
BOTH = pytest.mark.parametrize("vendor", [VendorKind.SOFTSUGAR, VendorKind.METASTUDIO])


async def _on_air(stage: Stage, vendor: str) -> Job:
    """Live, prepared in no time; spoken at real speed, as sound is real."""
    await stage.control.put("/sandbox/clock", json={"speed": 16})
    job = await stage.on_air(vendor)
    await stage.control.put("/sandbox/clock", json={"speed": 1})
    return job


async def _colleague(stage: Stage) -> Member:
    member: Member = await in_thread(
        accounts.add_member,
        team=stage.team,
        email="pia@alpha.test",
        name="Pia",
        role="operator",
        password="a-long-enough-one",
        actor=CONSOLE,
    )
    return member


def _voice(job: Job) -> Takeover:
    return Takeover.objects.filter(job=job, kind="voice").latest("id")


async def _row(job: Job) -> Takeover:
    found: Takeover = await in_thread(_voice, job)
    return found


@BOTH
async def test_a_voice_is_heard_whole_and_confirmed(stage: Stage, vendor: str) -> None:
    job = await _on_air(stage, vendor)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        sent = await microphone.talk(1.0)
        item = await _row(job)
        await stage.until_item(item, "playing")
        state = await stage.until(lambda: Job.objects.get(pk=job.pk).state, "a state")
        assert state == ("taken_over" if vendor == VendorKind.METASTUDIO else "live")
        await microphone.release()
        await microphone.until("ended", why="released")
        over = await microphone.until("over")
        assert (over["state"], over["text"]) == ("done", "Heard to the end.")
    (got,) = await sound(stage, job)
    assert (got["bytes"], got["longest"]) == (sent, 1280)
    assert got["peak"] > 10_000
    await stage.until(lambda: Floor.objects.get(job=job).holder is None, "the floor is free")
    item = await _row(job)
    assert (item.state, item.rank, item.author_label) == ("done", 1, "Oki")


@BOTH
async def test_a_press_right_behind_another_is_heard_too(stage: Stage, vendor: str) -> None:
    """The vendor confirms the first while the second speaks: that is no end of the second."""
    job = await _on_air(stage, vendor)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.4)
        await microphone.release()
        await microphone.press("two")
        await microphone.until("open")
        await microphone.until("over", state="done")
        sent = await microphone.talk(1.0)
        await microphone.release()
        await microphone.until("over", state="done")
    _one, two = await sound(stage, job)
    assert two["bytes"] == sent


@BOTH
async def test_a_voice_of_which_no_sound_left_is_not_done(stage: Stage, vendor: str) -> None:
    """The vendor opened it and says that it began; but nobody said a word, or a console died with all of it."""
    job = await _on_air(stage, vendor)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.release()
        told = await microphone.until("refused", why="no_sound")
        assert "Nothing was heard" in told["text"]
        item = await stage.until_item(await _row(job), "failed")
        assert item.error["heard"] == "nothing"
        await microphone.press("two")
        await microphone.until("open")
        await microphone.talk(0.4)
        await microphone.release()
        await microphone.until("over", state="done")
    assert [one["bytes"] > 0 for one in await sound(stage, job)] == [True]


async def test_an_armed_page_speaks_over_whoever_keeps_the_job_now(stage: Stage) -> None:
    """Another epoch of the lease, or another credential, makes a new keeper with a link of its own."""
    job = await _on_air(stage, VendorKind.METASTUDIO)
    async with armed(stage, job) as microphone:
        await in_thread(Job.objects.filter(pk=job.pk).update, epoch=job.epoch + 10)
        await stage.until(lambda: _kept_anew(job) and Job.objects.get(pk=job.pk).link == "up", "another keeper's link")
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.2)
        await microphone.release()
        await microphone.until("over", state="done")


def _kept_anew(job: Job) -> bool:
    keepers = [kept.job(job.pk) for kept in HERE.values()]
    return any(keeper is not None and keeper.keeper.epoch == job.epoch + 10 and keeper.link() for keeper in keepers)


@BOTH
async def test_the_script_goes_on_behind_a_voice(stage: Stage, vendor: str) -> None:
    job = await _on_air(stage, vendor)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.4)
        held = await in_thread(
            lambda: Takeover.objects.filter(job=job, source="script", state__in=["queued", "playing"]).count()
        )
        assert held == 0
        await microphone.release()
        await microphone.until("over", state="done")

    async def goes_on() -> bool:
        rows = (await stage.control.get("/sandbox/audible", params={"session": job.vendor_ref})).json()["heard"]
        last = [row["source"] for row in rows]
        return "microphone" in last and last[-1] != "microphone"

    await stage.until_async(goes_on, "the script goes on")


async def test_softsugars_queue_is_cancelled_first_and_only_when_confirmed(stage: Stage) -> None:
    job = await _on_air(stage, VendorKind.SOFTSUGAR)
    waiting = await stage.say(job, "这一句排在队列里，开麦以前要先取消。")
    await stage.until_item(waiting, "queued", "playing")
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        refused = await microphone.until("refused")
        assert refused["why"] == "confirm"
        assert "cancelled first: 1" in refused["text"]
        await microphone.press("two", confirmed=True)
        await microphone.until("open")
        cancelled = await stage.until_item(waiting, "cancelled")
        assert cancelled.cut_by_id == (await _row(job)).pk
        await microphone.talk(0.2)
        await microphone.release()
        await microphone.until("over", state="done")


async def test_a_conflict_at_the_vendor_is_a_sentence_with_what_to_do(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something that is not ours plays: SoftSugar refuses with 7, and nothing is heard."""
    monkeypatch.setattr(relay_talk, "CLEARS_WITHIN_S", 0.5)
    job = await _on_air(stage, VendorKind.SOFTSUGAR)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    taken = Command.objects.filter(job_id=job.pk, kind="cancel", state="accepted")
    await stage.until(lambda: taken.exists(), "nothing of ours plays")
    _play_foreign(stage.sandbox.world.faces, job.vendor_ref)
    async with armed(stage, job) as microphone:
        await microphone.press("one", confirmed=True)  # the room is silent
        refused = await microphone.until("refused")
        assert refused["why"] == "socket_7"
        assert "another takeover plays or waits" in refused["text"]
        assert refused["text"].endswith("then speak. (SoftSugar channel 7)")
    assert (await _row(job)).state == "rejected"
    assert await sound(stage, job) == []


def _play_foreign(faces: list[Any], session_id: str) -> None:
    model = next(face for face in faces if face.vendor == "softsugar").model
    text = "别的控制台说的一段很长的话，" * 20
    model.say(model.sessions[session_id], "foreign-1", text, priority=1, control="", silent=False)


@BOTH
async def test_a_silence_cuts_a_voice_at_once(stage: Stage, vendor: str) -> None:
    job = await _on_air(stage, vendor)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.4)
        talking = asyncio.create_task(microphone.talk(1.5))
        await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
        await microphone.until("ended", why="silenced")
        await talking
        item = await stage.until_item(await _row(job), "cancelled")
    (got,) = await sound(stage, job)
    assert got["frames"] < 35, "the sound stopped while the person went on"
    if vendor == VendorKind.METASTUDIO:
        await stage.until(lambda: Job.objects.get(pk=job.pk).state == "paused", "the script is paused, too")
    assert item.started_at is not None


async def test_a_colleague_takes_the_floor_in_the_middle(stage: Stage) -> None:
    job = await _on_air(stage, VendorKind.METASTUDIO)
    pia = await _colleague(stage)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.3)
        await in_thread(floor.take, job=job, user=pia.user, actor=actor_of(pia), reason="wrong price")
        await microphone.until("ended", why="floor")
        assert (await stage.until_item(await _row(job), "done")).started_at is not None
        await stage.until(lambda: Floor.objects.get(job=job).holder_id == pia.user.pk, "it is hers")
    assert (await in_thread(Floor.objects.get, job=job)).holder_id == pia.user.pk


async def test_a_page_that_closes_or_hangs_is_released_within_two_seconds(stage: Stage) -> None:
    job = await _on_air(stage, VendorKind.METASTUDIO)
    loop = asyncio.get_running_loop()
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.3)
        gone = loop.time()
        await microphone.close()
        await stage.until(lambda: Floor.objects.get(job=job).holder is None, "the floor is free", within=2)
        await stage.until_item(await _row(job), "done", within=2)
        assert loop.time() - gone < 2
    async with armed(stage, job) as microphone:
        await microphone.press("two")
        await microphone.until("open")
        microphone.freeze()
        gone = loop.time()
        await stage.until(lambda: Floor.objects.get(job=job).holder is None, "the floor is free", within=2.5)
        assert loop.time() - gone < 2.2
        await asyncio.wait_for(microphone.socket.wait_closed(), 2)
    assert microphone.close_code == seat.CLOSE_DEAD


@BOTH
async def test_what_is_told_of_a_press_carries_its_key(stage: Stage, vendor: str) -> None:
    """This page begins the second press without the end of the first: the console ends it."""
    job = await _on_air(stage, vendor)
    async with armed(stage, job) as microphone:
        for key in ("one", "two"):
            await microphone.press(key)
            await microphone.until("open", press=key)
            await microphone.talk(0.4)
        await microphone.release()
        await microphone.until("ended", press="two")
        await microphone.until("over", press="two", state="done")
    assert len(await sound(stage, job)) == 2


async def test_twenty_seconds_of_silence_release(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat, "SILENT_AFTER_S", 0.6)
    job = await _on_air(stage, VendorKind.METASTUDIO)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.8)
        assert not [frame for frame in microphone.heard if frame["t"] == "ended"]
        await microphone.talk(1.2, SILENCE)
        assert (await microphone.until("ended"))["text"] == "Released after 20 s of silence."
        await microphone.until("over", state="done")


async def test_a_frame_that_is_no_sound_ends_it(stage: Stage) -> None:
    job = await _on_air(stage, VendorKind.METASTUDIO)
    for frame in (b"\0" * 4096, b"\0" * 1281, b""):
        async with armed(stage, job) as microphone:
            await microphone.socket.send(frame)
            await stage.until(lambda: Floor.objects.get(job=job).holder is None, "the floor is free")
            await asyncio.wait_for(microphone.socket.wait_closed(), 2)
            assert microphone.socket.close_code == seat.CLOSE_NONSENSE


async def test_a_ticket_opens_one_socket(stage: Stage) -> None:
    job = await _on_air(stage, VendorKind.METASTUDIO)
    async with at_the_door(stage, job, stage.user, "made-up") as stranger:
        assert "Arm it again" in (await stranger.until("refused"))["text"]
        await asyncio.wait_for(stranger.socket.wait_closed(), 2)


async def test_a_lost_link_is_said_and_never_said_twice(stage: Stage) -> None:
    job = await _on_air(stage, VendorKind.SOFTSUGAR)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        await microphone.until("open")
        await microphone.talk(0.4)
        await stage.fault("drop_socket", session=job.vendor_ref, count=1, params={"abrupt": True})
        await microphone.talk(0.3)
        ended = await microphone.until("ended")
        assert ended["why"] == "link"
        assert "only a part" in ended["text"]
    await stage.until(lambda: Job.objects.get(pk=job.pk).link == "up", "the link is up again")
    await stage.until_item(await _row(job), "done", "unknown", within=25)
    assert len(await sound(stage, job)) == 1


async def test_what_comes_too_late_is_dropped_and_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor takes its time to open: of what was said meanwhile the last 400 ms are kept."""
    job = await _on_air(stage, VendorKind.METASTUDIO)
    opened = relay_talk.sound.Voice.open

    async def late(self: Any) -> Any:
        outcome = await opened(self)
        await asyncio.sleep(1.0)
        return outcome

    monkeypatch.setattr(relay_talk.sound.Voice, "open", late)
    async with armed(stage, job) as microphone:
        await microphone.press("one")
        sent = await microphone.talk(1.4)
        told = await microphone.until("dropped")
        await microphone.release()
        await microphone.until("over")
        dropped = max([told["ms"], *[frame["ms"] for frame in microphone.heard if frame["t"] == "dropped"]])
    (got,) = await sound(stage, job)
    assert got["bytes"] == sent - dropped * 32
    assert 400 <= dropped <= 900


@pytest.fixture
async def bare_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Everything but a relay: the test starts and kills its own."""
    async with open_stage(tmp_path, speed=8.0, relay=False) as opened:
        yield opened


async def test_a_relay_of_another_process_carries_it_and_dies_in_the_middle(bare_stage: Stage) -> None:
    stage = bare_stage
    process = await relay_process.start()
    try:
        room = await stage.room(VendorKind.METASTUDIO)
        await stage.until(lambda: type(room).objects.get(pk=room.pk).vendor_ref, "the vendor holds the room", within=30)
        job = await stage.on_air(VendorKind.METASTUDIO, room)
        async with armed(stage, job) as microphone:
            await microphone.press("one")
            await microphone.until("open")
            sent = await microphone.talk(0.6)
            await microphone.release()
            await microphone.until("over", state="done")
            (got,) = await sound(stage, job)
            assert got["bytes"] == sent
            await microphone.press("two")
            await microphone.until("open")
            await microphone.talk(0.4)
            await relay_process.kill(process)
            assert "only a part" in (await microphone.until("ended", why="relay"))["text"]
            assert (await microphone.until("over"))["state"] == "unknown"
            await microphone.press("three")
            assert "No relay carries sound" in (await microphone.until("refused"))["text"]
    finally:
        await relay_process.kill(process)
    await stage.start_relay()
    item = await stage.until_item(await _row(job), "done", "unknown", within=30)
    assert len(await sound(stage, job)) == 2, "nothing was sent twice"
    assert item.started_at is not None


def test_frames_are_checked() -> None:
    assert seat.is_sound(FRAME)
    assert not seat.is_sound(FRAME + b"\0")
    assert not seat.is_sound(b"")
    assert not seat.is_sound(bytes(4096))
    assert seat.is_loud(FRAME)
    assert not seat.is_loud(SILENCE)
