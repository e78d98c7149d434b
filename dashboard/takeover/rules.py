"""Pure decisions about the queue: who goes first, who may cut whom, what a script play consists of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: SoftSugar refuses a text below this many characters (004:237), so short paragraphs are joined with their neighbour.
JOIN_BELOW = 10


@dataclass(frozen=True, slots=True)
class Paragraph:
    no: int
    text: str


@dataclass(frozen=True, slots=True)
class Play:
    """One sending of the script player: paragraphs `first` to `last`, joined."""

    first: int
    last: int
    text: str


def may_cut(rank: int, playing_rank: int, *, is_now: bool) -> bool:
    """Only a higher rank may cut what plays; an equal one only with *now*. A smaller number is the higher rank."""
    return is_now and rank <= playing_rank


def next_play(script: Sequence[Paragraph], after_no: int, *, repeat: bool) -> Play | None:
    """The play that follows paragraph `after_no` (0: the beginning); None where the script ends or is empty."""
    if not script:
        return None
    index = next((at for at, paragraph in enumerate(script) if paragraph.no > after_no), None)
    if index is None:
        if not repeat:
            return None
        index = 0
    first, text, last = script[index], "", script[index]
    for paragraph in script[index:]:
        text = f"{text}{paragraph.text}" if not text else f"{text}\n{paragraph.text}"
        last = paragraph
        if len(text.strip()) >= JOIN_BELOW:
            break
    if len(text.strip()) < JOIN_BELOW:
        text = text + "\n" + "\n".join(p.text for p in script[:index]) if index else text
        text = _pad(text)
    return Play(first.no, last.no, text)


def _pad(text: str) -> str:
    """A script that is too short as a whole is repeated until the vendor takes it."""
    padded = text
    while len(padded.strip()) < JOIN_BELOW and text.strip():
        padded = f"{padded}\n{text}"
    return padded
