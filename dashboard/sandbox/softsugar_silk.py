"""How much sound a stream of SILK carries, without decoding it. Pure.

The document only says that a microphone may use silk (004:241). Read as the format of the codec's own kit: the mark
`#!SILK_V3`, which one dialect precedes by a byte 2, then packets of 20 ms, each behind its length in two bytes, little
end first; a length of 0xFFFF ends the stream. A stream without the mark begins with its first packet (B43).
"""

from __future__ import annotations

MARKS = (b"\x02#!SILK_V3", b"#!SILK_V3")
PACKET_S = 0.02
LONGEST_PACKET = 1250
"""The kit's limit: five frames of 250 bytes."""
END = 0xFFFF


class SilkReader:
    """Takes the stream in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._has_begun = False
        self._is_over = False

    def feed(self, piece: bytes) -> float:
        """Seconds of sound that this piece completed; ValueError when it cannot be SILK."""
        self._rest += piece
        if not self._has_begun and not self._begin():
            return 0.0
        packets = 0
        while not self._is_over and len(self._rest) >= 2:
            length = int.from_bytes(self._rest[:2], "little")
            if length == END:
                self._is_over = True
                break
            if length > LONGEST_PACKET:
                raise ValueError(f"a packet of {length} bytes is no SILK")
            if len(self._rest) < 2 + length:
                break
            self._rest = self._rest[2 + length :]
            packets += 1
        return packets * PACKET_S

    def _begin(self) -> bool:
        """Past the mark; False while too little has come to tell."""
        for mark in MARKS:
            if self._rest.startswith(mark):
                self._rest = self._rest[len(mark) :]
                break
            if mark.startswith(self._rest):
                return False
        self._has_begun = True
        return True
