"""Sends the bytes of a clip, whole or the part a player asks for, without ever holding the file in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import StreamingHttpResponse

from dashboard.library import files
from dashboard.library.models import Clip

#: What a browser or vendor is told. Nothing else can come out of the decoder.
TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "vorbis": "audio/ogg"}
#: What MetaStudio's own documents name for audio; the rest is sent as WAV.
_FETCHED_AS_IS = ("mp3", "wav")
_PART = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def preview(request: HttpRequest, clip: Clip) -> HttpResponseBase:
    return _answer(request, files.original(clip.stored_as), TYPES.get(clip.form, "application/octet-stream"))


def for_vendor(request: HttpRequest, clip: Clip) -> HttpResponseBase:
    if clip.form in _FETCHED_AS_IS:
        return preview(request, clip)
    path = files.sound(clip.stored_as)
    return _answer(request, path, TYPES["wav"], before=files.wav_header(path.stat().st_size))


def _answer(request: HttpRequest, path: Path, kind: str, *, before: bytes = b"") -> HttpResponseBase:
    size = len(before) + path.stat().st_size
    wanted = _range(request, size)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = wanted
    answer = _Sound(path, before, first, last + 1 - first)
    answer["Content-Type"] = kind
    answer["Content-Length"] = str(last + 1 - first)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Disposition"] = "inline"
    answer["Cache-Control"] = "private, max-age=3600"
    if "Range" in request.headers:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


def _range(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """First and last byte; None where there is nothing there. More than one part at once is sent whole."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or not (match[1] or match[2]):
        return 0, size - 1
    if not match[1]:
        return max(0, size - int(match[2])), size - 1
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    return (first, last) if first <= last else None


class _Sound(StreamingHttpResponse):
    """Read part by part, by whichever server asks."""

    def __init__(self, path: Path, before: bytes, first: int, length: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._before = before[first:]
        self._left = length
        self._file.seek(max(0, first - len(before)))

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self) -> bytes:
        part = self._before or _read(self._file, self._left)
        self._before, part = b"", part[: self._left]
        self._left -= len(part)
        return part

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._next, b"")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while part := await sync_to_async(self._next)():
            yield part


def _read(file: BinaryIO, left: int) -> bytes:
    return file.read(min(_PART, left)) if left > 0 else b""
