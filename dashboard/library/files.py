"""Where the bytes of clips lie: `var/clips`, random names, readable by the console alone, never executed.

A name that somebody gave a file is never part of a path.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

#: How many bytes of WAV stand before the sound.
_HEADER = 44


class TooLarge(Exception):
    """More bytes than a clip may have."""


def folder() -> Path:
    path = Path(settings.CLIPS_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_name() -> str:
    return secrets.token_hex(16)


def original(name: str) -> Path:
    return folder() / f"{name}.audio"


def sound(name: str) -> Path:
    """16 kHz, one channel, signed 16 bit, without a header."""
    return folder() / f"{name}.pcm"


def write(path: Path, parts: Iterable[bytes], most: int) -> int:
    """Bytes written, straight to the disk; raises `TooLarge` beyond `most` and leaves nothing."""
    size = 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            size += len(part)
            if size > most:
                break
            file.write(part)
    if size > most:
        path.unlink(missing_ok=True)
        raise TooLarge
    return size


def forget(name: str) -> None:
    for path in (original(name), sound(name)):
        path.unlink(missing_ok=True)


def wav_header(sound_bytes: int) -> bytes:
    """What makes a WAV file of our sound."""
    rate, width = 16_000, 2
    return b"".join(
        (
            b"RIFF",
            (sound_bytes + _HEADER - 8).to_bytes(4, "little"),
            b"WAVEfmt ",
            (16).to_bytes(4, "little"),
            (1).to_bytes(2, "little"),
            (1).to_bytes(2, "little"),
            rate.to_bytes(4, "little"),
            (rate * width).to_bytes(4, "little"),
            width.to_bytes(2, "little"),
            (width * 8).to_bytes(2, "little"),
            b"data",
            sound_bytes.to_bytes(4, "little"),
        )
    )
