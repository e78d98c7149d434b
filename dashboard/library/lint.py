"""What is found in words before they are sent: banned words, prices unlike the product's on air. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

#: Written in the middle of a word they change nothing that is heard: format characters, joiners, variation selectors.
_SILENT_CATEGORIES = frozenset({"Cf", "Cc", "Mn", "Me"})
#: A number begins where no digit stands before it, and has an end: no text makes the search slower than its length.
_NUMBER = r"(?<!\d)(?P<{0}>\d{{1,12}}(?:,\d{{3}}){{0,4}}(?:\.\d{{1,2}})?)"
_HAN = "零〇一二两三四五六七八九十百千万"
_HAN_NUMBER = rf"(?<![{_HAN}])(?P<han>[{_HAN}]{{1,20}}(?:点[零〇一二三四五六七八九]{{1,10}})?)"
_UNIT = r"\s{0,4}(?:元|块(?!一)|rmb\b|cny\b|usd\b|yuan\b|dollars?\b|euros?\b)"
_PRICE = re.compile(
    rf"(?:[¥$€]\s{{0,4}}{_NUMBER.format('signed')})|(?:{_NUMBER.format('unit')}{_UNIT})|(?:{_HAN_NUMBER}(?:元|块))",
    re.IGNORECASE,
)
#: Right before a number these say that it is another price than the one to pay, or a part of it.
_OTHER_PRICE = re.compile(
    r"(?:原价|日常价|市场价|门市价|平时|省了?|立减|直减|减|便宜|优惠|补贴|券|满|was|instead of|save|off|coupon(?: of)?)"
    r"\s{0,4}(?:是|为|的|:)?\s{0,4}[¥$€]?$",
    re.IGNORECASE,
)
#: As far before a number as `_OTHER_PRICE` looks.
_BEFORE = 24
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Banned:
    """A banned word in a text: `start` and `end` are places in the text as it was written, from 0."""

    word: str
    why: str
    start: int
    end: int


def folded(text: str) -> tuple[str, list[int]]:
    """The text as it sounds, in half width and small letters without what is silent; and where each of it stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        heard = _heard(character)
        letters.append(heard)
        places += [place] * len(heard)
    return "".join(letters), places


@lru_cache(maxsize=20_000)
def _heard(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).casefold()
    return "".join(
        part for part in plain if unicodedata.category(part) not in _SILENT_CATEGORIES and not part.isspace()
    )


def banned_in(text: str, words: Iterable[tuple[str, str]]) -> list[Banned]:
    """Each of `words` (word, why) that `text` holds, where it first stands, in the order of the text."""
    plain, places = folded(text)
    found = []
    for word, why in words:
        wanted, _places = folded(word)
        at = plain.find(wanted) if wanted else -1
        if at >= 0:
            found.append(Banned(word, why, places[at], places[at + len(wanted) - 1] + 1))
    return sorted(found, key=lambda one: one.start)


def prices_in(text: str) -> list[Decimal]:
    """Prices to pay that `text` names, in digits or Chinese numerals; a former price or a discount is none."""
    plain = unicodedata.normalize("NFKC", text)
    found = []
    for match in _PRICE.finditer(plain):
        if _OTHER_PRICE.search(plain[max(0, match.start() - _BEFORE) : match.start()]):
            continue
        number = match["signed"] or match["unit"]
        value = _decimal(number) if number else _of_han(match["han"])
        if value is not None:
            found.append(value)
    return found


def _decimal(number: str) -> Decimal | None:
    try:
        return Decimal(number.replace(",", ""))
    except InvalidOperation:
        return None


def _of_han(text: str) -> Decimal | None:
    whole, _point, rest = text.partition("点")
    total, section, digit = 0, 0, 0
    for character in whole:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character == "万":
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _PLACES[character], 0
    decimals = "".join(str(_DIGITS[character]) for character in rest)
    return _decimal(f"{total + section + digit}.{decimals}" if decimals else str(total + section + digit))
