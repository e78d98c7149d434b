"""How long a text takes to say, and where its sentences end. Pure."""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass

ZH_CHARACTERS_PER_S = 4.2
EN_WORDS_PER_S = 2.6
SENTENCE_PAUSE_S = 0.35
COMMA_PAUSE_S = 0.18
SHORTEST_S = 0.8

SENTENCE_ENDS = "。！？!?；;\n"
COMMAS = "，、,:：—…"

_BREAK = re.compile(r"<break\b[^>]*?\btime\s*=\s*[\"']\s*(\d+(?:\.\d+)?)\s*(ms|s)?\s*[\"'][^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Speech:
    text: str
    """What is heard: tags gone, entities resolved."""
    duration_s: float
    sentence_ends: tuple[float, ...]
    """Seconds from the start at which a sentence is over; the last one is the whole duration."""
    reached: tuple[float, ...]
    """For each character of `text`, when it has been said."""

    def characters_after(self, seconds: float) -> int:
        """How many characters have been said by then."""
        return sum(1 for at in self.reached if at <= seconds + 1e-9)


def plain(text: str) -> str:
    """The text without SSML tags."""
    return html.unescape(_TAG.sub("", text)) if "<" in text else text


@functools.lru_cache(maxsize=256)
def measure(text: str, *, rate: float = 1.0) -> Speech:
    """Say `text` at `rate` times normal speed, in thought. Asked of each text when it is put and when it ends."""
    heard: list[str] = []
    reached: list[float] = []
    ends: list[float] = []
    at = 0.0
    for piece, pause in _pieces(text):
        at += pause / rate
        at = _say(piece, at, rate, heard, reached, ends)
    duration = max(SHORTEST_S, at)
    ends = [end for end in dict.fromkeys(ends) if end < duration - 1e-9]
    return Speech("".join(heard), round(duration, 6), (*ends, round(duration, 6)), tuple(reached))


def _pieces(text: str) -> list[tuple[str, float]]:
    """The text cut at its breaks, each piece with the pause before it."""
    pieces: list[tuple[str, float]] = []
    position, pause = 0, 0.0
    for match in _BREAK.finditer(text):
        pieces.append((plain(text[position : match.start()]), pause))
        pause = float(match[1]) * (1.0 if (match[2] or "ms").lower() == "s" else 0.001)
        position = match.end()
    pieces.append((plain(text[position:]), pause))
    return pieces


def _say(piece: str, at: float, rate: float, heard: list[str], reached: list[float], ends: list[float]) -> float:
    position = 0
    while position < len(piece):
        word = _WORD.match(piece, position)
        if word:
            length = len(word[0])
            at += 1 / (EN_WORDS_PER_S * rate)
            heard.append(word[0])
            reached.extend([at] * length)
            position += length
            continue
        character = piece[position]
        at += _pause_of(piece, position) / rate
        heard.append(character)
        reached.append(at)
        if is_sentence_end(piece, position) and at > 0:
            ends.append(at)
        position += 1
    return at


def _pause_of(piece: str, position: int) -> float:
    character = piece[position]
    if is_sentence_end(piece, position):
        # "?!" or "。\n" is one pause, not two.
        return SENTENCE_PAUSE_S if not position or not is_sentence_end(piece, position - 1) else 0.0
    if character in COMMAS:
        return COMMA_PAUSE_S
    if character.isspace() or not character.isalnum():
        return 0.0
    return 1 / ZH_CHARACTERS_PER_S


def is_sentence_end(text: str, position: int) -> bool:
    """A full stop ends a sentence only before blank or end: 3.14 is one number."""
    character = text[position]
    if character == ".":
        return position + 1 == len(text) or text[position + 1].isspace()
    return character in SENTENCE_ENDS
