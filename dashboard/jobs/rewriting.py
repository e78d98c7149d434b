"""Rewriting a script while it is spoken: what may still be changed, and what viewers will hear instead. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """What can't be changed any more. `through`: paragraphs 1 to this one were spoken in this loop, are, or wait at the
    vendor, so they keep their places. `playing`: those being spoken. `waiting`: those at the vendor that were not heard
    yet. `loops`: the script begins anew, so that what was spoken comes again, with the words it has by then."""

    through: int = 0
    playing: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    loops: bool = False

    def holds(self, no: int) -> bool:
        """Whether its words stay as they are."""
        return no in self.playing or (no <= self.through and not self.loops)


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
    """The whole script as it would be, and how it differs: first what is still ahead, then what comes `again`.

    `too_late`: paragraphs that somebody wanted changed and that are said as they were.
    """

    lines: tuple[Line, ...]
    differences: tuple[Difference, ...]
    too_late: tuple[int, ...]
    digest: str
    #: What was spoken in this loop already, as the next one says it; none where the script plays once.
    again: tuple[Difference, ...] = ()

    @property
    def changes(self) -> bool:
        return any(row.kind != "kept" for row in (*self.differences, *self.again))


def propose(current: Sequence[Line], wanted: Sequence[Line], locked: Locked) -> Proposal:
    """What `wanted`, the whole script as somebody edited it, comes to where only the unlocked part can change.

    Up to `through` words can change in a loop, but no paragraph can be added, moved or taken out: a vendor tells them
    by their number, and would pass over one that is still ahead.
    """
    asked: dict[int | None, str]
    asked = {line.id: line.text for line in wanted if line.id is not None and line.text.strip()}
    said = [
        replace(line, text=line.text if locked.holds(no) else asked.get(line.id, line.text))
        for no, line in enumerate(current, start=1)
    ]
    head, playing = said[: locked.through], [said[no - 1] for no in locked.playing if locked.through < no <= len(said)]
    too_late = tuple(
        no
        for no, (line, kept) in enumerate(zip(current, said, strict=True), start=1)
        if (no <= locked.through or locked.holds(no)) and asked.get(line.id) != kept.text
    )
    in_head, fixed = {line.id for line in head}, {line.id: line for line in playing}
    rest = [fixed.get(line.id, line) if line.id is not None else line for line in wanted if line.id not in in_head]
    rest = [*(line for line in playing if line not in rest), *rest]
    lines = _in_scenes([*head, *(line for line in rest if line.text.strip())])
    differences = tuple(_compare(current[locked.through :], lines[locked.through :], locked.through))
    again = tuple(_pair(no, was, will) for no, (was, will) in enumerate(zip(current, head, strict=False), start=1))
    return Proposal(tuple(lines), differences, too_late, digest_of(lines), again if locked.loops else ())


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
    for _kind, first, last, first_new, last_new in matched.get_opcodes():
        pairs = min(last - first, last_new - first_new)
        for step in range(pairs):
            numbers = (before + first + step + 1, before + first_new + step + 1)
            rows.append(_pair(numbers[0], old[first + step], new[first_new + step], numbers[1]))
        rows += [Difference("gone", before + at + 1, None, old[at].text, "") for at in range(first + pairs, last)]
        rows += [
            Difference("new", None, before + at + 1, "", new[at].text) for at in range(first_new + pairs, last_new)
        ]
    return rows


def _pair(no: int, was: Line, will: Line, new_no: int | None = None) -> Difference:
    return Difference("kept" if was.text == will.text else "changed", no, new_no or no, was.text, will.text)
