"""A program of its own: turns one audio file into 16 kHz mono sound, and says how long it is and what it looks like.

    python -m dashboard.library.decode <file> <where the sound goes> <most seconds>

Files of strangers are read by a C library; a process of its own, with limits, falls without taking the console along.
It prints one JSON object. Exit codes: 0 decoded, 3 not decodable, 4 longer than allowed.
"""

from __future__ import annotations

import json
import resource
import sys
from array import array
from pathlib import Path

import miniaudio

from dashboard.lib.processors import run_anywhere

RATE = 16_000
PEAKS = 200
#: A C decoder that asks for more than this is being fooled.
MOST_MEMORY, MOST_CPU_S = 512 * 1024 * 1024, 30
NOT_DECODABLE, TOO_LONG = 3, 4


def main(source: str, target: str, most_s: str) -> int:
    run_anywhere()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    try:
        form = _form(source)
        samples, peaks = _decode(source, target, int(most_s) * RATE)
    except (miniaudio.MiniaudioError, MemoryError, ValueError, OverflowError):
        return NOT_DECODABLE
    if samples is None:
        return TOO_LONG
    if not samples:
        return NOT_DECODABLE
    sys.stdout.write(json.dumps({"format": form, "duration_ms": samples * 1000 // RATE, "peaks": _fit(peaks)}))
    return 0


def _form(source: str) -> str:
    """By its first bytes: a name proves nothing. What decodes and is none of the others is MP3."""
    with Path(source).open("rb") as file:
        start = file.read(4)
    return {b"RIFF": "wav", b"RIFX": "wav", b"fLaC": "flac", b"OggS": "vorbis"}.get(start, "mp3")


def _decode(source: str, target: str, most: int) -> tuple[int | None, list[int]]:
    """Number of samples (None: more than `most`) and the loudest of each 100th of a second."""
    samples, peaks = 0, []
    stream = miniaudio.stream_file(
        source, miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE, frames_to_read=RATE // 100
    )
    with Path(target).open("wb") as sound:
        for part in stream:
            samples += len(part)
            if samples > most:
                return None, []
            peaks.append(_loudest(part))
            sound.write(part.tobytes())
    return samples, peaks


def _loudest(part: array[int]) -> int:
    return max(abs(max(part)), abs(min(part))) if len(part) else 0


def _fit(peaks: list[int]) -> list[int]:
    """At most `PEAKS` of them, 0 to 100 of the loudest there can be."""
    step = max(1, -(-len(peaks) // PEAKS))
    return [max(peaks[at : at + step]) * 100 // 32768 for at in range(0, len(peaks), step)]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
