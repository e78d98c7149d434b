"""Rewriting a script while it is spoken: what may still be changed, and what viewers will hear instead. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; `id` is its row, None for one that is new."""

    id: int | None
    scene_no: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Locked:
    """What can't be changed any more: paragraphs 1 to `through`, and `playing` where the script began anew before it
    was over. `waiting`: those at the vendor that were not heard yet."""

    through: int = 0
    playing: int | None = None
    waiting: tuple[int, ...] = ()

    def holds(self, no: int) -> bool:
        return no <= self.through or no == self.playing


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of the comparison: kept, gone, new or changed; numbers as they were and as they will be."""

    kind: Literal["kept", "gone", "new", "changed"]
    old_no: int | None = None
    new_no: int | None = None
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole script as it would be, and how it differs behind what is locked.

    `too_late`: paragraphs that somebody wanted changed and that are being spoken, were, or wait at the vendor.
    """

    lines: tuple[Line, ...]
    differences: tuple[Difference, ...]
    too_late: tuple[int, ...]
    digest: str

    @property
    def changes(self) -> bool:
        return any(row.kind != "kept" for row in self.differences)


def propose(current: Sequence[Line], wanted: Sequence[Line], locked: Locked) -> Proposal:
    """What `wanted`, the whole script as somebody edited it, comes to where only the unlocked part can change."""
    head = list(current[: locked.through])
    on_air = locked.playing or 0
    playing = current[on_air - 1] if locked.through < on_air <= len(current) else None
    fixed = {line.id: line for line in [*head, *([playing] if playing else [])]}
    asked = {line.id: line for line in wanted if line.id is not None}
    too_late = tuple(
        no
        for no, line in enumerate(current, start=1)
        if line.id in fixed and (line.id not in asked or asked[line.id].text != line.text)
    )
    held = {line.id for line in head}
    rest = [fixed.get(line.id, line) if line.id is not None else line for line in wanted if line.id not in held]
    if playing is not None and playing.id not in {line.id for line in rest}:
        rest.insert(0, playing)
    lines = _in_scenes([*head, *(line for line in rest if line.text.strip())])
    differences = tuple(_compare(current[locked.through :], lines[locked.through :], locked.through))
    return Proposal(tuple(lines), differences, too_late, digest_of(lines))


def digest_of(lines: Sequence[Line]) -> str:
    rows = [[line.id, line.scene_no, line.title, line.text] for line in lines]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _in_scenes(lines: Sequence[Line]) -> list[Line]:
    """Scenes are spoken one after the other, so nothing stands before a line of an earlier scene."""
    placed: list[Line] = []
    for line in lines:
        scene = max(line.scene_no, placed[-1].scene_no) if placed else line.scene_no
        placed.append(Line(line.id, scene, line.title, line.text))
    return placed


def _compare(old: Sequence[Line], new: Sequence[Line], before: int) -> list[Difference]:
    rows: list[Difference] = []
    matched = SequenceMatcher(a=[line.text for line in old], b=[line.text for line in new], autojunk=False)
    for kind, first, last, first_new, last_new in matched.get_opcodes():
        pairs = min(last - first, last_new - first_new)
        for step in range(pairs):
            was, will = old[first + step], new[first_new + step]
            word: Literal["kept", "changed"] = "kept" if kind == "equal" else "changed"
            numbers = (before + first + step + 1, before + first_new + step + 1)
            rows.append(Difference(word, *numbers, was.text, will.text))
        rows += [Difference("gone", before + at + 1, None, old[at].text, "") for at in range(first + pairs, last)]
        rows += [
            Difference("new", None, before + at + 1, "", new[at].text) for at in range(first_new + pairs, last_new)
        ]
    return rows
