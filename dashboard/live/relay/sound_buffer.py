"""What a microphone said and the vendor has not got yet: little, because sound that is late is worse than none."""

from __future__ import annotations

import asyncio
from collections import deque

#: 16 kHz, one channel, 16 bit.
BYTES_PER_MS = 32
#: More than this never waits; the oldest goes first.
LONGEST_MS = 400


class SoundBuffer:
    """Filled by whoever hears the person, emptied by whoever talks to the vendor. One of each, in one event loop."""

    def __init__(self, longest_ms: int = LONGEST_MS) -> None:
        self._most = longest_ms * BYTES_PER_MS
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._is_closed = False
        self._moved = asyncio.Event()
        #: Sound that was never sent, in bytes.
        self.dropped = 0

    @property
    def dropped_ms(self) -> int:
        return self.dropped // BYTES_PER_MS

    def put(self, frame: bytes) -> None:
        if self._is_closed:
            return
        self._frames.append(frame)
        self._size += len(frame)
        while self._size > self._most:
            oldest = self._frames.popleft()
            self._size -= len(oldest)
            self.dropped += len(oldest)
        self._moved.set()

    def close(self, *, at_once: bool = False) -> None:
        """Nothing more comes; `at_once`: and what waits is not said either."""
        self._is_closed = True
        if at_once:
            self._frames.clear()
            self._size = 0
        self._moved.set()

    async def get(self) -> bytes | None:
        """The next frame, or None once it is closed and empty."""
        while not self._frames:
            if self._is_closed:
                return None
            self._moved.clear()
            await self._moved.wait()
        frame = self._frames.popleft()
        self._size -= len(frame)
        return frame
