"""How long a text takes to say, before anybody measured it in this room. Pure."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[^>]*>")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z0-9]+(?:['.\-][A-Za-z0-9]+)*")
_PAUSE = re.compile(r"[。！？!?；;，,、：:\n]")

#: Chinese characters and Latin words per second of an unhurried host's voice; a pause per punctuation mark.
HAN_PER_S = 4.2
WORDS_PER_S = 2.6
PAUSE_S = 0.25
SHORTEST_S = 0.8


def estimate_ms(text: str, *, units_per_s: float | None = None) -> int:
    """Milliseconds of airtime for `text`. `units_per_s` is the room's measured speed in Chinese characters, if any."""
    plain = _TAG.sub("", text)
    han, words, pauses = len(_HAN.findall(plain)), len(_WORD.findall(plain)), len(_PAUSE.findall(plain))
    pace = (units_per_s or HAN_PER_S) / HAN_PER_S
    seconds = (han / HAN_PER_S + words / WORDS_PER_S) / pace + pauses * PAUSE_S
    return int(max(SHORTEST_S, seconds) * 1000)
