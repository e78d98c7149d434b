from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator

import pytest

from dashboard.sandbox.metastudio_audio import seconds_of
from tests.sandbox.metastudio.conftest import SCRIPT, Files, Vendor


def wav(seconds: float) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(b"\0\0" * int(16_000 * seconds))
    return made.getvalue()


def mp3(frames: int, tag: bytes = b"") -> bytes:
    """MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes and 1152 samples a frame."""
    return tag + (b"\xff\xfb\x90\x00" + b"\0" * 413) * frames


def test_lengths_are_measured_from_the_bytes() -> None:
    assert seconds_of(wav(1.5)) == 1.5
    assert seconds_of(mp3(100)) == pytest.approx(100 * 1152 / 44100)
    assert seconds_of(mp3(10, b"ID3\x04\x00\x00\x00\x00\x01\x02" + b"\xff\xfb" * 65)) == pytest.approx(11520 / 44100)
    assert seconds_of(mp3(10) + b"TAG" + b"\0" * 125) == pytest.approx(11520 / 44100)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF1234WAVE", b"\xff\xfb\x90\x00", b"hello" * 100, wav(1)[:20]])
def test_what_is_no_audio_has_no_length(data: bytes) -> None:
    assert seconds_of(data) is None


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    async with Files() as served:
        yield served


async def test_a_file_of_this_machine_is_fetched_and_measured(vendor: Vendor, files: Files) -> None:
    job = await vendor.on_air([SCRIPT])
    files.content["/clip.wav"] = wav(7.25)
    params = {"audio_url": files.url + "/clip.wav", "play_type": "PLAY_NOW"}
    assert (await vendor.command(job, "INSERT_PLAY_AUDIO", params)).status_code == 200
    vendor.play(30)
    audio = next(row for row in vendor.heard(job) if row["source"] == "audio")
    assert audio["ended_at"] - audio["started_at"] == pytest.approx(7.25)


async def test_files_that_cannot_be_had_or_heard_are_refused(vendor: Vendor, files: Files) -> None:
    job = await vendor.on_air([SCRIPT])
    files.content["/page.html"] = b"<html>"
    for path, status, code in (("/none.mp3", 500, "MSS.20010068"), ("/page.html", 400, "MSS.20010067")):
        answer = await vendor.command(job, "INSERT_PLAY_AUDIO", {"audio_url": files.url + path})
        assert (answer.status_code, answer.json()["error_code"]) == (status, code)
