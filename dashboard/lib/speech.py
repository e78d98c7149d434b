"""How long a text takes to say, from what it is made of and how fast the voice was measured to be. Pure.

`static/js/speech.js` counts the same way in the browser; tests/browser/test_composer.py compares the two.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_BREAK = re.compile(r"<break\b[^<>]*?\btime\s*=\s*[\"']\s*(\d+(?:\.\d+)?)\s*(ms|s)\s*[\"'][^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’\-][A-Za-z]+)*")
_SIGN = re.compile(r"[%％¥￥$€]")
#: "。\n" is one pause; a full stop ends a sentence only before blank or end: 3.14 is one number.
_SENTENCE_END = re.compile(r"(?:[。！？!?；;\n]|\.(?=\s|$))[。！？!?；;\n.\s]*")
_COMMA = re.compile(r"[，、,：:—…]+")

#: An unhurried host's voice: Chinese characters and Latin words per second, a pause per sentence and per comma.
HAN_PER_S = 4.2
WORDS_PER_S = 2.6
SENTENCE_PAUSE_S = 0.35
COMMA_PAUSE_S = 0.18
SHORTEST_S = 0.8
#: A number with more digits than this is a code or a telephone number, and read digit by digit.
LONGEST_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Units:
    """What a text is made of: spoken Chinese syllables, Latin words, and seconds of silence."""

    han: float = 0.0
    words: float = 0.0
    pause_s: float = 0.0
    break_s: float = 0.0

    @property
    def han_s(self) -> float:
        """Seconds of Chinese at the speed of an unhurried host."""
        return self.han / HAN_PER_S

    @property
    def words_s(self) -> float:
        return self.words / WORDS_PER_S

    @property
    def seconds(self) -> float:
        return self.han_s + self.words_s + self.pause_s + self.break_s

    @property
    def is_chinese(self) -> bool:
        return self.han_s >= self.words_s


@dataclass(frozen=True, slots=True)
class Pace:
    """How many times as fast as an unhurried host a voice speaks each language."""

    han: float = 1.0
    words: float = 1.0


NORMAL = Pace()


def count(text: str) -> Units:
    """The units of `text`, plain or marked up. Digits and prices count as they are said; emoji are silent."""
    break_s = sum(float(number) * (1 if unit.lower() == "s" else 0.001) for number, unit in _BREAK.findall(text))
    plain = html.unescape(_TAG.sub("", text)) if "<" in text else text
    han, words = float(len(_HAN.findall(plain))), float(len(_WORD.findall(plain)))
    said = sum(_syllables(number) for number in _NUMBER.findall(plain))
    # A sign is said with its number: ¥ as 元, % as 百分之.
    signs = len(_SIGN.findall(plain))
    bare = _NUMBER.sub("", plain)
    if han or not words:
        han += said + signs
    else:
        words += said + signs
    pause_s = len(_SENTENCE_END.findall(bare)) * SENTENCE_PAUSE_S + len(_COMMA.findall(bare)) * COMMA_PAUSE_S
    return Units(han, words, pause_s, break_s)


def _syllables(number: str) -> int:
    """About how many syllables or words a number takes: 5 for 199 in Chinese, 4 for 3.14."""
    whole, _point, rest = number.replace(",", "").partition(".")
    tail = 1 + len(rest) if rest else 0
    if len(whole) > LONGEST_NUMBER or (len(whole) > 1 and whole.startswith("0")):
        return len(whole) + tail
    digits = whole.rstrip("0") or "0"
    places = len(whole) - 1
    # Each digit but the last is followed by its place (千 百 十); zeros at the end are not said, only the place.
    return len(digits) + min(places, len(digits) - (len(digits) == len(whole))) + tail


def estimate_ms(text: str, pace: Pace = NORMAL) -> int:
    """Milliseconds of airtime for `text` in a voice of this pace. Written pauses (`<break>`) do not hurry with it."""
    return airtime_ms(count(text), pace)


def airtime_ms(units: Units, pace: Pace = NORMAL) -> int:
    pausing = pace.han if units.is_chinese else pace.words
    seconds = units.han_s / pace.han + units.words_s / pace.words + units.pause_s / pausing + units.break_s
    return int(max(SHORTEST_S / pausing, seconds) * 1000)


def sentence_ends_ms(text: str, pace: Pace = NORMAL) -> list[int]:
    """Milliseconds from the start of `text` at which its sentences are over; the last one is the whole."""
    ends = [airtime_ms(count(text[: match.end()]), pace) for match in _SENTENCE_END.finditer(text)]
    whole = estimate_ms(text, pace)
    return [*(end for end in dict.fromkeys(ends) if end < whole), whole]
