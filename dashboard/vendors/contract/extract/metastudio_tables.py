"""Document 002: numbered sections, and inside them tables whose cells stand between tabs.

A table that runs over a page prints its header again, without a caption, and continues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard.vendors.contract.extract import metastudio_cells as cells
from dashboard.vendors.contract.extract.reader import Document, Raw

_SECTION = re.compile(r"^(\d+(?:\.\d+){1,2}) (\S.*)$")
_CAPTION = re.compile(r"^Table (\d+-\d+) (.+)$")
# Three captions are glued to the line above them.
_STATUS = re.compile(r"^Status code: (\d+)(?:\*\*Table (\S+)\*\* (.+))?$")
_NAME = re.compile(r"^[A-Za-z][\w\- ]*$")


@dataclass(frozen=True, slots=True)
class Section:
    """Lines from its heading to before the next one."""

    number: str
    title: str
    first: int
    last: int


@dataclass(slots=True)
class Table:
    """One captioned table. `status` is the last "Status code:" above it, 0 in the request half of a section."""

    number: str
    caption: str
    status: int
    source: str
    rows: list[Raw] = field(default_factory=list)


def sections(document: Document, first: int, last: int) -> list[Section]:
    """The numbered sections between two lines, without the dotted lines of the table of contents."""
    heads = [
        (number, found)
        for number, line in document.between(first, last)
        if (found := _SECTION.match(line)) and "...." not in line
    ]
    ends = [number for number, _ in heads[1:]] + [last]
    return [Section(found[1], found[2].strip(), number, end) for (number, found), end in zip(heads, ends, strict=True)]


def tables(document: Document, section: Section) -> Iterator[Table]:
    """The parameter tables of a section, whole."""
    table: Table | None = None
    status = 0
    for number, line in document.between(section.first, section.last):
        if caption := _CAPTION.match(line):
            yield from _done(table)
            table = Table(caption[1], caption[2].strip(), status, document.at(number))
        elif found := _STATUS.match(line):
            status = int(found[1])
            if found[2]:
                yield from _done(table)
                table = Table(found[2], found[3].strip(), status, document.at(number))
        elif line.strip() == "Example Requests":
            break
        elif table is not None and "\t" in line:
            _add(table, document.at(number), line.split("\t"))
    yield from _done(table)


def _done(table: Table | None) -> Iterator[Table]:
    if table is not None and table.rows:
        yield table


def _add(table: Table, source: str, line: list[str]) -> None:
    if line[0].strip() in ("Parameter", "Property Name", "Status Code"):
        return
    if not line[0].strip():
        # The rest of a cell that the page cut.
        row = table.rows[-1]
        row["cell"] += "\n" + line[-1]
        finish(row)
        return
    if len(line) not in (3, 4) or not _NAME.match(line[0].strip()):
        raise ValueError(f"{source}: not a row of a parameter table: {line[0][:40]!r}")
    row = {"name": line[0].replace(" ", ""), "source": source, "cell": line[-1], **cells.type_of(line[-2])}
    if len(line) == 4 and line[1].strip() == "Yes":
        row["mandatory"] = True
    finish(row)
    table.rows.append(row)


def finish(row: Raw) -> None:
    """Derive everything that depends on the description; again when the rest of a cut cell has come."""
    text = cells.clean(row["cell"])
    row.update(cells.limits_of(row["type"], text))
    row["description"] = text
