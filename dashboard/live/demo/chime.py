"""The demo's one audio clip: three bells, made here, so that no recording has to be shipped."""

from __future__ import annotations

import io
import math
import wave
from array import array

RATE = 16_000
#: Hertz of each bell, and when it is struck, seconds.
BELLS = ((523.25, 0.0), (659.25, 0.35), (783.99, 0.7))
SECONDS = 2.4
#: Per second; a bell is a quarter as loud after half of one.
FADES = 2.8
LOUDNESS = 9_000


def wav() -> bytes:
    """16 kHz mono s16le in a WAV file."""
    samples = [0.0] * int(RATE * SECONDS)
    for hertz, struck_s in BELLS:
        turn = 2 * math.pi * hertz / RATE
        for number in range(int(RATE * struck_s), len(samples)):
            since = number - int(RATE * struck_s)
            begins = min(1.0, since / (0.004 * RATE))  # without a click
            samples[number] += begins * math.exp(-FADES * since / RATE) * math.sin(turn * since)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", (int(LOUDNESS * sample) for sample in samples)).tobytes())
    return out.getvalue()
