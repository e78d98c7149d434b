"""A voice takeover at the edge of a link: opened when the vendor says so, paced by the clock, over when it must be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from dashboard.lib import clock
from dashboard.live.relay import sound
from dashboard.live.relay.sound import FRAME_BYTES, FRAME_S, Voice, frames_of
from dashboard.vendors.port import (
    Accepted,
    ConflictReport,
    Guard,
    ItemReport,
    NotSent,
    Outcome,
    Rejected,
    Report,
    Step,
    Unknown,
    VendorError,
    VoiceReport,
    always,
)

AT = datetime(2026, 3, 14, tzinfo=UTC)
TRACE = "clip-1"
OPEN, ALL_THERE = VoiceReport("job", True, AT), VoiceReport("job", False, AT)


class FakeLink:
    """Says what the test wants, and notes when each frame left."""

    def __init__(self, *answers: Report | VoiceReport) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[float, bytes]] = []
        self.ended: list[str] = []
        self.is_closed = False

    async def open(self) -> Outcome[None]:
        return Accepted(None)

    async def reports(self) -> AsyncIterator[Report]:
        return
        yield

    async def begin_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        for answer in self.answers:
            sound.told(self, answer)
        return Accepted(None)

    async def send_sound(self, sound: bytes, guard: Guard) -> Outcome[None]:
        if not guard():
            return NotSent("overtaken")
        self.sent.append((clock.monotonic(), sound))
        return Accepted(None)

    async def end_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        if not guard():
            return NotSent("overtaken")
        self.ended.append(trace_id)
        sound.told(self, ALL_THERE)
        return Accepted(None)

    async def ping(self) -> bool:
        return True

    async def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sound, "OPENS_WITHIN_S", 0.05)
    monkeypatch.setattr(sound, "ENDS_WITHIN_S", 0.05)
    yield
    sound._voices.clear()


def voice(link: FakeLink, guard: Guard = always) -> Voice:
    return Voice(7, link, TRACE, guard)


async def test_frames_leave_at_the_pace_of_speech() -> None:
    link = FakeLink(OPEN)
    one = voice(link)
    assert isinstance(await one.open(), Accepted)
    pcm = bytes(range(256)) * 5 * 9 + b"end"
    assert isinstance(await one.feed(frames_of(pcm)), Accepted)
    assert isinstance(await one.end(), Accepted)
    assert b"".join(frame for _, frame in link.sent).rstrip(b"\0") == pcm.rstrip(b"\0")
    assert {len(frame) for _, frame in link.sent} == {FRAME_BYTES}
    first, last = link.sent[0][0], link.sent[-1][0]
    assert last - first >= (len(link.sent) - 1) * FRAME_S * 0.95
    assert link.ended == [TRACE]


async def test_a_busy_vendor_gets_no_sound() -> None:
    link = FakeLink(ConflictReport("job", AT))
    assert await voice(link).open() == NotSent("busy", detail="conflict")
    assert link.sent == []


async def test_a_silent_vendor_gets_no_sound_and_is_told_the_end() -> None:
    link = FakeLink()
    assert isinstance(await voice(link).open(), Unknown)
    assert (link.sent, link.ended) == ([], [TRACE])


async def test_a_voice_whose_end_may_not_be_said_ends_with_its_link() -> None:
    """It would stay open at the vendor, and all that is said there would wait behind it."""
    link, may = FakeLink(OPEN), [True]
    one = voice(link, lambda: may[0])
    await one.open()
    may.clear()
    may.append(False)
    assert isinstance(await one.end(), NotSent)
    assert link.is_closed


async def test_a_voice_that_ends_as_it_should_leaves_its_link_open() -> None:
    link = FakeLink(OPEN)
    one = voice(link)
    await one.open()
    assert isinstance(await one.end(), Accepted)
    assert not link.is_closed


async def test_a_refused_voice_says_why() -> None:
    error = VendorError("5", ("no", "不"), ("wait", "等"))
    link = FakeLink(ItemReport("job", TRACE, Step.FAILED, AT, error))
    assert await voice(link).open() == Rejected(error)


async def test_a_link_carries_one_voice() -> None:
    link = FakeLink(OPEN)
    first = voice(link)
    await first.open()
    assert await Voice(7, link, "second", always).open() == NotSent("busy", detail="another voice")
    await first.end()
    assert isinstance(await Voice(7, link, "third", always).open(), Accepted)


@pytest.mark.parametrize("trace_ids", [None, [TRACE, "other"]])
async def test_a_cancel_stops_the_sound_before_the_vendor_is_asked(trace_ids: list[str] | None) -> None:
    link = FakeLink(OPEN)
    one = voice(link)
    await one.open()
    feeding = asyncio.create_task(one.feed(frames_of(bytes(FRAME_BYTES * 500))))
    while not link.sent:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    sound.hush(8, trace_ids)
    assert not one.is_over
    sound.hush(7, trace_ids)
    left = len(link.sent)
    assert isinstance(await asyncio.wait_for(feeding, 1), Accepted)
    assert len(link.sent) == left


async def test_the_vendors_end_and_a_lost_link_stop_it_too() -> None:
    for ends in ("vendor", "link"):
        link = FakeLink(OPEN)
        one = voice(link)
        await one.open()
        feeding = asyncio.create_task(one.feed(frames_of(bytes(FRAME_BYTES * 500))))
        while not link.sent:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        if ends == "vendor":
            sound.told(link, ItemReport("job", TRACE, Step.FINISHED, AT))
        else:
            sound.lost(link)
        fed = await asyncio.wait_for(feeding, 1)
        assert isinstance(fed, Accepted if ends == "vendor" else Unknown)
        assert one.is_lost == (ends == "link")


async def test_another_keeper_sends_nothing_more() -> None:
    link = FakeLink(OPEN)
    mine = [True]
    one = voice(link, lambda: mine[0])
    await one.open()
    await one.send(bytes(FRAME_BYTES))
    mine[0] = False
    assert await one.send(bytes(FRAME_BYTES)) == NotSent("overtaken")
    assert one.is_over
    assert len(link.sent) == 1
