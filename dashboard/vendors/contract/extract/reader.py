"""The vendors' documents as numbered lines."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# One field, table or endpoint on its way into the data files; keys as in `model`, only those that say something.
Raw = dict[str, Any]
# Typographic blanks that the documents indent with: no-break, en and em space.
BLANKS = ("\u00a0", "\u2002", "\u2003")


@dataclass(frozen=True, slots=True)
class Document:
    """One document. Lines count from 1, as everywhere in the notes and in every `source`."""

    name: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        return self.lines[number - 1]

    def between(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Numbered lines from `first` to before `last`."""
        for number in range(first, min(last, len(self.lines) + 1)):
            yield number, self.lines[number - 1]

    def find(self, text: str, first: int = 1) -> int:
        """Number of the first line from `first` on that holds `text`; a document without it is not ours."""
        for number, line in self.between(first, len(self.lines) + 1):
            if text in line:
                return number
        raise LookupError(f"document {self.name} has no line with {text!r} from {first} on")

    def at(self, number: int) -> str:
        return f"{self.name}:{number}"


def read(folder: pathlib.Path, name: str) -> Document:
    """The document whose file name starts with `name`."""
    paths = sorted(folder.glob(f"{name}_*.txt"))
    if len(paths) != 1:
        raise LookupError(f"{folder} holds {len(paths)} documents {name}_*.txt, wanted one")
    text = paths[0].read_text(encoding="utf-8")
    for blank in BLANKS:
        text = text.replace(blank, " ")
    return Document(name, tuple(text.split("\n")))
