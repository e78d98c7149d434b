"""Whether what somebody wants heard takes a second person first. Pure; the policies are `models.SecondPerson`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TAGS = re.compile(r"<[^<>]{0,400}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Any one is enough."""

    kinds: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is what viewers hear of it."""

    kind: str
    mode: str
    role: str
    text: str


def why(conditions: Conditions, asked: Asked) -> str:
    """Which condition it meets: `word:` and the word, `mode:now`, `kind:audio`, `role:operator`, or "" for none.

    The most telling first: it is what the second person looks at.
    """
    for word in conditions.words:
        if holds(asked.text, word):
            return f"word:{word}"[:120]
    if asked.mode in conditions.modes:
        return f"mode:{asked.mode}"
    if asked.kind in conditions.kinds:
        return f"kind:{asked.kind}"
    return f"role:{asked.role}" if asked.role in conditions.roles else ""


def holds(text: str, word: str) -> bool:
    """Whether viewers would hear `word` in `text`: case, width and marks between its letters change nothing.

    What looks like a tag may be one to a vendor and words to another, so it counts with its brackets and without them.
    Chinese has no spaces between words, so one put inside a word hides nothing; English keeps its own.
    """
    spaced = " " if word.isascii() else ""
    wanted = _plain(word, spaced)
    return bool(wanted) and any(wanted in _plain(said, spaced) for said in (text, _TAGS.sub("", text)))


def _plain(text: str, spaced: str) -> str:
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _SPACE.sub(spaced, folded).strip()
