"""How long an audio file plays: measured from its bytes where the sandbox may fetch it, else assumed.

Only addresses of this machine are fetched: a rehearsal must not depend on, or knock at, hosts elsewhere.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from dashboard.sandbox.metastudio_wire import Refused

LOCAL = ("127.0.0.1", "localhost", "::1")
ASSUMED_S = 3.0
TIMEOUT_S = 3.0
# 002:5966 allows 100 MB; a clip that interrupts a stream is far below this.
LARGEST = 20 * 1024 * 1024
MOST_KNOWN = 10_000
DOWNLOAD_FAILED = ("MSS.20010068", 500)
NOT_AUDIO = ("MSS.20010067", 400)

# MPEG audio layer III: kbit/s by index (MPEG 1, then MPEG 2 and 2.5), samples per second by version bits.
BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
LAYER_III = 1


class AudioLengths:
    """Seconds by URL; what was told by `told` (the account's switches) wins over what was measured."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self._measured: dict[str, float] = {}

    def seconds(self, url: str) -> float:
        told = self._told["audio"].get(url)
        return float(told) if told is not None else self._measured.get(url, ASSUMED_S)

    async def measure(self, url: str) -> None:
        """Fetch and measure a file of this machine once; raises Refused as the vendor does for a file it cannot get."""
        if url in self._measured or url in self._told["audio"] or not is_local(url):
            return
        seconds = seconds_of(await fetch(url))
        if seconds is None:
            raise Refused(NOT_AUDIO)
        if len(self._measured) >= MOST_KNOWN:
            self._measured.clear()
        self._measured[url] = seconds

    def snapshot(self) -> dict[str, float]:
        return dict(self._measured)

    def restore(self, saved: Mapping[str, float]) -> None:
        self._measured = dict(saved)


def is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname in LOCAL


async def fetch(url: str) -> bytes:
    found = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise Refused(DOWNLOAD_FAILED)
            async for part in answer.aiter_bytes():
                found += part
                if len(found) > LARGEST:
                    raise Refused(DOWNLOAD_FAILED)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Refused(DOWNLOAD_FAILED) from None
    return bytes(found)


def seconds_of(data: bytes) -> float | None:
    """Of a WAV or MP3 file; None for anything else."""
    if data[:4] == b"RIFF":
        try:
            with wave.open(io.BytesIO(data)) as sound:
                return float(sound.getnframes() / sound.getframerate())
        except (wave.Error, EOFError, ZeroDivisionError):
            return None
    return mp3_seconds(data)


def mp3_seconds(data: bytes) -> float | None:
    """The frames are walked one by one: files without a length header, and with a changing bit rate, are common."""
    place = id3_length(data)
    seconds, frames = 0.0, 0
    while place + 4 <= len(data):
        frame = frame_at(data, place)
        if frame is None:
            if frames:
                break  # A tag at the end.
            place += 1
            continue
        length, lasts = frame
        place, seconds, frames = place + length, seconds + lasts, frames + 1
    # One frame can be a chance of the bytes; a second in its place is not.
    return seconds if frames >= 2 else None


def id3_length(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def frame_at(data: bytes, place: int) -> tuple[int, float] | None:
    """Bytes and seconds of the MPEG layer III frame that begins here."""
    first, second, third = data[place], data[place + 1], data[place + 2]
    version, layer = second >> 3 & 3, second >> 1 & 3
    index, rate_index = third >> 4, third >> 2 & 3
    if first != 0xFF or second >> 5 != 7 or layer != LAYER_III or version == 1 or index in (0, 15) or rate_index == 3:
        return None
    rate = RATES[version][rate_index]
    kilobits = (BITRATES_1 if version == 3 else BITRATES_2)[index]
    samples = 1152 if version == 3 else 576
    return samples // 8 * kilobits * 1000 // rate + (third >> 1 & 1), samples / rate
