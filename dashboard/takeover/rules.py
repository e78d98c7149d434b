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
    end = index + 1
    while end < len(script) and len(_joined(script[index:end])) < JOIN_BELOW:
        end += 1
    if len(_joined(script[end:])) < JOIN_BELOW:
        end = len(script)  # what is left is too short to stand alone, and has no next neighbour
    text = _joined(script[index:end])
    return Play(script[index].no, script[end - 1].no, _pad(text)) if text else None


def _joined(paragraphs: Sequence[Paragraph]) -> str:
    return "\n".join(paragraph.text for paragraph in paragraphs).strip()


def _pad(text: str) -> str:
    """A script that is too short as a whole is repeated until the vendor takes it."""
    padded = text
    while len(padded) < JOIN_BELOW:
        padded = f"{padded}\n{text}"
    return padded
