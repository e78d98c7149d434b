"""Which comments ask something, and which of them ask the same: by their words alone, without a model. Pure.

Two questions are alike where most of their words are the same and all of their numbers are: pairs of neighbouring
characters for Chinese, words for the rest. The same comments in the same order always make the same groups.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

#: At most this much of a comment is looked at.
_LONGEST = 200
#: Share of common words (Dice) from which two questions are one.
ALIKE = 0.6

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_ASKS_ZH = re.compile(
    r"[?？]|吗|呢\W*$|请问|求问|多少(?!都)|多久|多大|多高|多重|多长|多宽|(?<!没)(?<!不)什么(?!都)|啥|(?<!不)怎么|怎样|如何|为何"
    rf"|(?<!好)几(?![乎百千万])[{_HAN}]|哪|谁(?!都)"
    r"|能不能|可不可以|可以不|是不是|有没有|有木有|会不会|要不要|行不行|好不好[?？用穿吃]|对不对"
)
_OPENS = r"(?:hi|hello|hey|so|and|but|ok|okay|please|sorry|excuse me|host|anchor)?[\s,.!]*"
_ASKS_EN = re.compile(
    rf"^{_OPENS}(?:(?:how|what|when|where|which|who|whose|why)(?:'s|s)?\b"
    r"(?! (?:a|an|nice|cute|beautiful|lovely|cool|great)\b)"
    r"|(?:can|could|do|does|did|is|are|was|will|would|should|may|have|has|any)\s"
    r"(?:i|u|you|we|they|he|she|it|this|that|there|the|these|those|anyone|somebody|someone|a|an|my|your|any|one|more)\b)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")
_SPLIT = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d_{_HAN}]+)")
_FILLERS = re.compile(
    r"请问|求问|问一下|主播|老板|老师|小姐姐|小哥哥|这个|那个|这款|这件|一下|你们|我想|亲|[吗呢啊呀哦吧嘛哈了的]"
)
_NOTHING_SAID = """
a an the is are was be do does did you u i we it this that there to of for in on at and or please hi hello
hey so can could will would should have has any me my your its s"""
_STOP = frozenset(_NOTHING_SAID.split())


def is_question(text: str) -> bool:
    text = text[:_LONGEST].strip()
    if len(_LETTERS.findall(text)) < 2:
        return False
    return bool(_ASKS_ZH.search(text) or _ASKS_EN.search(text))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is compared by."""

    words: frozenset[str]
    numbers: frozenset[str]


@functools.lru_cache(maxsize=4_096)
def asked(text: str) -> Asked:
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).lower()
    words: set[str] = set()
    numbers: set[str] = set()
    for part in _SPLIT.finditer(_FILLERS.sub("", plain) or plain):
        if part["number"]:
            numbers.add(part["number"])
        elif part["word"]:
            words.add(part["word"])
        else:
            words.update(_pairs(part["han"]))
    told = words - _STOP
    return Asked(frozenset(told or words), frozenset(numbers))


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]


class Groups:
    """Open questions by the words they hold, so that one more is compared with those alone that share some."""

    def __init__(self) -> None:
        self._asked: dict[int, Asked] = {}
        self._by_word: dict[str, list[int]] = {}

    def add(self, number: int, text: str) -> None:
        """`number` names the question; of several that are as much alike, the one that was added first is meant."""
        self._asked[number] = asked(text)
        for word in self._asked[number].words:
            self._by_word.setdefault(word, []).append(number)

    def like(self, text: str) -> int | None:
        """The question that is most like this one, if any is like it at all."""
        mine = asked(text)
        shared: dict[int, int] = {}
        for word in mine.words:
            for number in self._by_word.get(word, ()):
                shared[number] = shared.get(number, 0) + 1
        best, best_share = None, ALIKE
        for number in sorted(shared):
            other = self._asked[number]
            share = 2 * shared[number] / (len(mine.words) + len(other.words))
            if other.numbers == mine.numbers and share >= best_share and (best is None or share > best_share):
                best, best_share = number, share
        return best
