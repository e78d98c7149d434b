"""Audio files made here, so that tests need no recordings."""

from __future__ import annotations

import io
import math
import wave
from array import array
from functools import lru_cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile


@lru_cache(8)
def wav(seconds: float, *, rate: int = 44_100, channels: int = 2, volume: int = 9000) -> bytes:
    """A tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = [int(volume * math.sin(number * 0.05)) for number in range(int(rate * seconds))]
        file.writeframes(array("h", [sample for sample in tone for _ in range(channels)]).tobytes())
    return out.getvalue()


class Upload(SimpleUploadedFile):
    """A file that several people may send, one after the other."""

    def read(self, *size: Any) -> bytes:
        self.seek(0)
        return bytes(self.file.read(*size))
