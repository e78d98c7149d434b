"""Audio files made here, so that tests need no recordings."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile


def wav(seconds: float, *, rate: int = 44_100, channels: int = 2, volume: int = 9000) -> bytes:
    """A tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (int(volume * math.sin(number * 0.05)) for number in range(int(rate * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) * channels for sample in samples))
    return out.getvalue()


class Upload(SimpleUploadedFile):
    """A file that several people may send, one after the other."""

    def read(self, *size: Any) -> bytes:
        self.seek(0)
        return bytes(self.file.read(*size))
